import { describe, expect } from 'vitest';
import { FleetName, type RunId } from '../../domain/kernel/ids.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { statusOf } from '../../domain/run/state.ts';
import { catalogueOf, type } from '../domain/planning/given.ts';
import { dyingAtEveryCall, expectNothingLeft } from './at-every-call.ts';
import type { Crashing } from './crashing.ts';
import { jobsOf } from './gang-outcome.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { finished } from './invariants.ts';

const fleets = ['first', 'other'];
const fields = { fleets, max_duration: '20m', idle_duration: '2m' };
const catalogue = catalogueOf(type('m5.xlarge'), type('m6i.xlarge', { onDemandPrice: 1.1 }));

/** A run that begins in the first of two fleets, and for which there comes to be a place in the other alone. */
interface Story {
  readonly name: string;
  /** Its processes may die once it `begins`. */
  readonly tell: (sortie: Sortie, begins: () => void) => Promise<readonly RunId[]>;
  /** One in so many calls of a port, others as the code moves. */
  readonly every: number;
}

/** What comes before the run moves is not what is told here. */
function once(crash: Crashing): { readonly crashing: Crashing; begins(): void } {
  let begun = false;
  const wrap = <T extends object>(port: T): T => {
    const dying = crash.wrap(port);
    return new Proxy(port, { get: (target, name): unknown => Reflect.get(begun ? dying : target, name) });
  };
  return {
    crashing: {
      wrap,
      begin: () => crash.begin(),
      get calls() {
        return crash.calls;
      },
      get crashed() {
        return crash.crashed;
      },
    },
    begins() {
      begun = true;
    },
  };
}

/** Until it is answered by a process that lives. */
async function accepted(sortie: Sortie, path: string, body: Record<string, unknown>): Promise<void> {
  for (;;) {
    const { status } = await sortie.request('POST', path, body);
    if (status < 300) return;
    if (status !== 500) throw new Error(`${path} is answered with ${status}`);
    await sortie.pass(SECOND);
  }
}

const apply = (sortie: Sortie, configuration: Record<string, unknown>) =>
  accepted(sortie, '/v1/fleets', { configuration: { type: 'fleet', ...configuration } });

/** In the first a job has a place for ten minutes, the other is paused until the run waits. */
const resumed =
  (places: number, nodes: number): Story['tell'] =>
  async (sortie, begins) => {
    for (const name of fleets) await apply(sortie, { name, nodes: `0..${places}` });
    sortie.behaviour.commands = 600;
    const busy = await sortie.submit({ ...fields, fleets: ['first'] });
    await sortie.until('it runs', async () => (await sortie.job(busy)).phase.kind === 'running');
    await accepted(sortie, '/v1/fleets/other/pause', { reason: null });
    sortie.behaviour.commands = 60;
    const run = await sortie.submit({ ...fields, ...(nodes > 1 && { nodes }) });
    await sortie.until('all wait', async () =>
      (await jobsOf(sortie, run)).every(({ phase }) => phase.kind === 'waiting' && phase.wait !== null),
    );
    expect((await sortie.run(run)).fleet).toBe('first');
    begins();
    await accepted(sortie, '/v1/fleets/other/resume', {});
    return [run, busy];
  };

/** For as much as there is money in each, EC2 has nothing of what the first may launch. */
const refused =
  (nodes: number): Story['tell'] =>
  async (sortie, begins) => {
    const message = 'none there';
    const refusal = { class: 'capacity', code: 'InsufficientInstanceCapacity', message } as const;
    sortie.world.faults.refuse = ({ offer }) =>
      offer.instance_type === 'm5.xlarge' ? { kind: 'refused', refusal } : 'no';
    const limits = { budget: 5 };
    await apply(sortie, { name: 'first', nodes: '0..3', instance_types: ['m5.xlarge'], limits });
    await apply(sortie, { name: 'other', nodes: '0..3', instance_types: ['m6i.xlarge'], limits });
    begins();
    return [await sortie.submit({ ...fields, ...(nodes > 1 && { nodes }) })];
  };

const stories: readonly Story[] = [
  { name: 'a job, to a fleet that is resumed', tell: resumed(1, 1), every: 1 },
  { name: 'a job, as its launches are refused', tell: refused(1), every: 1 },
  { name: 'several nodes, to a fleet that is resumed', tell: resumed(2, 2), every: 3 },
  { name: 'several nodes, as their launches are refused', tell: refused(2), every: 3 },
];

async function toldWith({ tell }: Story, crash: Crashing) {
  const { crashing, begins } = once(crash);
  const sortie = inMemorySortie({ catalogue, crashing });
  const runs = await tell(sortie, begins);
  await sortie.until('all runs are over', finished(sortie, ...runs), 180 * MINUTE);
  for (const run of runs) expect(statusOf(await sortie.run(run))).toBe('done');
  const [run] = runs as readonly [RunId];
  expect((await sortie.run(run)).fleet).toBe('other');
  expect(sortie.told('Run', run).filter((type) => type === 'RunMoved')).toHaveLength(1);
  for (const { fleet, past } of await jobsOf(sortie, run)) {
    const { instance } = past.at(-1) ?? {};
    const own = sortie.machines().find(({ intent }) => intent.instance === instance);
    expect([fleet, own?.intent.fleet]).toEqual(['other', 'other']);
  }
  await expectNothingLeft(
    sortie,
    fleets.map((name) => FleetName.parse(name)),
  );
}

describe.each(stories)('a run moves: $name', (story) => {
  const calls = { first: { undone: 2, done: 1 }, every: story.every };
  dyingAtEveryCall((crash) => toldWith(story, crash), calls);
});
