import * as z from 'zod';
import { Refusal } from '../job/events.ts';

type RefusalClass = z.infer<typeof Refusal>['class'];

/** How a launch ended: with a ready instance, or why not. */
export const BootOutcome = z.enum([
  'ready',
  'never_ready',
  'aborted',
  'disappeared',
  ...Refusal.shape.class.options.map((kind): `refused_${RefusalClass}` => `refused_${kind}`),
]);
export type BootOutcome = z.infer<typeof BootOutcome>;

/** What an instance was doing when it was gone without our asking. `draining`: the cloud had announced it. */
export const LostState = z.enum(['booting', 'idle', 'busy', 'draining']);
export type LostState = z.infer<typeof LostState>;

export const Duration = z.enum(['time_to_ready', 'time_from_queue_to_start', 'time_from_shutdown_to_gone']);
export type Duration = z.infer<typeof Duration>;

/** One thing to count, or one time that was measured. */
export const Observation = z.discriminatedUnion('of', [
  z.object({ of: z.literal('boot'), outcome: BootOutcome }),
  z.object({ of: z.literal('disappearance'), state: LostState }),
  z.object({ of: z.literal('duration'), duration: Duration, seconds: z.number() }),
]);
export type Observation = z.infer<typeof Observation>;

/** What a commit has to say to the metrics of its project; stored with it. */
export const Observed = z.object({ project: z.string(), observations: z.array(Observation) });
export type Observed = z.infer<typeof Observed>;
