import * as z from 'zod';
import { Lifetime } from '../container/sighting.ts';

/** Whose commands begin first; dstack's words. */
export const StartupOrder = z.enum(['any', 'master-first', 'workers-first']);
export type StartupOrder = z.infer<typeof StartupOrder>;

/** When the run is done: dstack's words. */
export const StopCriteria = z.enum(['all-done', 'master-done']);
export type StopCriteria = z.infer<typeof StopCriteria>;

/** What the nodes have to agree on of the container that they run in. */
export const GangContainer = z.object({ lifetime: Lifetime, name: z.string().nullable() });
export type GangContainer = z.infer<typeof GangContainer>;

/** The node that the others find: the first. */
export const MASTER = 0;
