import type { EventList } from '../../domain/api/run.ts';

type Event = EventList['events'][number];

/** What a run goes through, each step with the event that ends it. The slowest node counts. */
export const STEPS = [
  ['place', ['SubmissionAssigned']],
  ['launch', ['InstanceLaunched']],
  ['boot', ['InstanceReady']],
  ['send', ['StartSent']],
  ['start', ['SubmissionStarted']],
  ['run', ['SubmissionEnded']],
  ['end', ['RunFinished']],
] as const;
export type StepName = (typeof STEPS)[number][0];

/** Milliseconds of each step; `null`: it had none, as an idle instance is not launched. */
export type Steps = Readonly<Record<StepName, number | null>>;

/** From the events of a run, as the API tells them. */
export function stepsOf(events: readonly Event[]): Steps {
  const submitted = events.find(({ type }) => type === 'RunSubmitted');
  let before = submitted === undefined ? Number.NaN : Date.parse(submitted.at);
  const steps = STEPS.map(([name, types]): [StepName, number | null] => {
    const times = events
      .filter(({ type }) => (types as readonly string[]).includes(type))
      .map(({ at }) => Date.parse(at));
    if (times.length === 0) return [name, null];
    const at = Math.max(...times);
    // Clocks of instances differ from the deployment's by some milliseconds.
    const took = Math.max(0, at - before);
    before = Math.max(before, at);
    return [name, took];
  });
  return Object.fromEntries(steps) as Record<StepName, number | null>;
}
