import * as z from 'zod';

/** What takes long on a node before its commands begin. */
export const Stage = z.enum(['checking', 'pulling', 'loading', 'starting', 'setup']);
export type Stage = z.infer<typeof Stage>;
