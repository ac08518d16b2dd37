import { Instance } from '../../domain/instance/stream.ts';
import { Job } from '../../domain/job/stream.ts';
import type { FleetName } from '../../domain/kernel/ids.ts';
import { placeJobs } from './place-jobs.ts';
import type { Reactive } from './ports.ts';
import { bothRung, type Rung, type Step } from './step.ts';

/** A pass that has not begun: whoever asks until then is served by it. */
interface NextPass {
  rung: Rung;
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
export async function placeInTurn(on: Reactive, fleet: FleetName, rung: Rung): Promise<Step[]> {
  const fleets = turns.get(on) ?? new Map<FleetName, Turn>();
  turns.set(on, fleets);
  const turn = fleets.get(fleet);
  if (turn === undefined) {
    const pass = placeJobs(on, fleet, rung);
    return follow(fleets, fleet, { running: pass, next: undefined }, pass);
  }
  if (turn.next !== undefined) {
    turn.next.rung = bothRung(turn.next.rung, rung);
    await turn.next.done;
    return [];
  }
  const pass: Promise<Step[]> = turn.running
    .then(
      () => {},
      // Told to those who asked for it; this pass is another one.
      () => {},
    )
    .then(async () => {
      // Until then whoever asks is served by it, and until then the pass before it may have served them.
      const { rung } = next;
      turn.next = undefined;
      return placeJobs(on, fleet, await readAgain(on, rung));
    });
  const next: NextPass = { rung, done: pass };
  turn.next = next;
  turn.running = pass;
  return follow(fleets, fleet, turn, pass);
}

/** As they are now: what waited for its turn may have moved on meanwhile, and a bundle made for it would be in vain. */
async function readAgain(on: Reactive, { jobs, instances }: Rung): Promise<Rung> {
  const [loadedJobs, loadedInstances] = await Promise.all([
    Promise.all(jobs.map(({ id }) => on.store.load(Job, id))),
    Promise.all(instances.map(({ id }) => on.store.load(Instance, id))),
  ]);
  return {
    jobs: jobs.flatMap(({ id }, n) => (loadedJobs[n]?.state ? [{ id, state: loadedJobs[n].state }] : [])),
    instances: instances.flatMap(({ id }, n) =>
      loadedInstances[n]?.state ? [{ id, state: loadedInstances[n].state }] : [],
    ),
  };
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
