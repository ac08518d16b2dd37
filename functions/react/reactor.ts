import type { JobId } from '../../domain/kernel/ids.ts';
import type { StreamRef } from '../../domain/kernel/stream.ts';
import { keyOf } from '../../domain/streams.ts';
import { keepUpFleet } from './keep-up-fleet.ts';
import { placeInTurn } from './one-pass.ts';
import type { Reactive } from './ports.ts';
import { reactToFleet } from './react-to-fleet.ts';
import { reactToInstance } from './react-to-instance.ts';
import { reactToJob } from './react-to-job.ts';
import { reactToRun } from './react-to-run.ts';
import { bothRung, type Step } from './step.ts';

/** A stream whose visit, or something that followed from it, went wrong. */
export interface Failure {
  readonly stream: StreamRef;
  readonly error: unknown;
}

type Traced = { readonly step: Step; readonly origins: readonly StreamRef[] };
type Feasible = Exclude<Step, { kind: 'failed' }>;

// One invocation carries on by itself for so many rounds; after that the stream's own doorbells do.
const ROUNDS = 40;

/**
 * Visits streams, then whatever follows, round by round: a job may go from queued to started here without waiting for
 * the stream. A fleet's queue is served once a round, however many ask. What fails is returned with the stream whose
 * doorbell led to it; the rest goes on.
 */
export async function react(
  on: Reactive,
  visits: readonly Extract<Step, { kind: 'visit' }>[],
): Promise<Failure[]> {
  const failures = new Map<string, Failure>();
  let round: Traced[] = visits.map((step) => ({ step, origins: [step.stream] }));
  for (let rounds = 0; rounds < ROUNDS && round.length > 0; rounds++) {
    for (const { step } of round)
      if (step.kind === 'failed')
        failures.set(keyOf(step.stream), { stream: step.stream, error: step.error });
    const outcomes = await Promise.all(
      merge(round).map(async ({ step, origins }) => {
        try {
          return (await take(on, step)).map((next) => ({ step: next, origins }));
        } catch (error) {
          for (const stream of origins) failures.set(keyOf(stream), { stream, error });
          return [];
        }
      }),
    );
    round = outcomes.flat();
  }
  return [...failures.values()];
}

async function take(on: Reactive, step: Feasible): Promise<Step[]> {
  if (step.kind === 'place') return placeInTurn(on, step.fleet, step.rung);
  switch (step.stream.name) {
    case 'Job':
      return reactToJob(on, step.stream.id as JobId, step.ring);
    case 'Instance':
      return reactToInstance(on, step.stream, step.ring);
    case 'Fleet':
      // Side by side, so that they read the head in one request.
      return (await Promise.all([reactToFleet(on, step.stream), keepUpFleet(on, step.stream)])).flat();
    case 'Run':
      return reactToRun(on, step.stream, step.ring);
  }
}

/** The same step once, for all who asked for it. */
function merge(round: readonly Traced[]): (Traced & { readonly step: Feasible })[] {
  const merged = new Map<string, Traced & { readonly step: Feasible }>();
  for (const { step, origins } of round) {
    if (step.kind === 'failed') continue;
    const key = step.kind === 'place' ? `place ${step.fleet}` : keyOf(step.stream);
    const known = merged.get(key);
    merged.set(key, {
      step: known?.step.kind === 'place' && step.kind === 'place' ? joined(known.step, step) : step,
      origins: [...new Set([...(known?.origins ?? []), ...origins])],
    });
  }
  return [...merged.values()];
}

const joined = (a: Extract<Step, { kind: 'place' }>, b: Extract<Step, { kind: 'place' }>): Feasible => ({
  ...a,
  rung: bothRung(a.rung, b.rung),
});
