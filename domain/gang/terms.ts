/** The node that the others find: the first. */
export const MASTER = 0;
