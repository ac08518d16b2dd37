import type { FleetName, JobId } from '../../domain/kernel/ids.ts';
import type { Waiting } from '../../domain/scheduling/schedule.ts';
import { placeJobs } from './place-jobs.ts';
import type { Reactive } from './ports.ts';
import type { Step } from './step.ts';

/** A pass that has not begun: whoever asks until then is served by it. */
interface NextPass {
  readonly rung: Map<JobId, Waiting>;
  readonly done: Promise<unknown>;
}

interface Turn {
  running: Promise<unknown>;
  next: NextPass | undefined;
}

// Invocations that share a process share this: all of them on one machine, one after the other on Lambda.
const turns = new WeakMap<Reactive, Map<FleetName, Turn>>();

/**
 * One pass over a fleet at a time. Passes side by side see the same queue and the same idle instances, and all but one
 * prepare bundles only to lose the race: with 200 runs on 20 instances, four of five did. Who asks while one runs
 * waits for the next, which is made for all of them; its follow-up goes to the first who asked.
 */
export async function placeInTurn(on: Reactive, fleet: FleetName, rung: readonly Waiting[]): Promise<Step[]> {
  const fleets = turns.get(on) ?? new Map<FleetName, Turn>();
  turns.set(on, fleets);
  const turn = fleets.get(fleet);
  if (turn === undefined) {
    const pass = placeJobs(on, fleet, rung);
    return follow(fleets, fleet, { running: pass, next: undefined }, pass);
  }
  if (turn.next !== undefined) {
    for (const job of rung) turn.next.rung.set(job.id, job);
    await turn.next.done;
    return [];
  }
  const jobs = new Map(rung.map((job) => [job.id, job]));
  const pass = turn.running
    .then(
      () => {},
      // Told to those who asked for it; this pass is another one.
      () => {},
    )
    .then(() => {
      turn.next = undefined;
      return placeJobs(on, fleet, [...jobs.values()]);
    });
  turn.next = { rung: jobs, done: pass };
  turn.running = pass;
  return follow(fleets, fleet, turn, pass);
}

async function follow(
  fleets: Map<FleetName, Turn>,
  fleet: FleetName,
  turn: Turn,
  pass: Promise<Step[]>,
): Promise<Step[]> {
  fleets.set(fleet, turn);
  try {
    return await pass;
  } finally {
    if (turn.running === pass) fleets.delete(fleet);
  }
}
