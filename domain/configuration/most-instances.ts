/**
 * Of one fleet. Its state names each of them, in one item of DynamoDB's 400 KB, which is written anew whenever one
 * comes or goes: this many take a third of the item, and leave room for three such writes a second.
 */
export const MOST_INSTANCES = 3_000;

/** The hint of whatever asks for more. */
export const SEVERAL_FLEETS = 'make several fleets for more';
