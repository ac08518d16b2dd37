import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunDetail } from '../../domain/api/run.ts';
import { docker, testImage } from '../infra/runner/container/engine.ts';
import { needing } from '../needs.ts';
import { PATIENCE_MS } from '../patience.ts';
import { final } from './fixtures/client.ts';
import { embeddedForFile } from './fixtures/embedded.ts';
import { containersOfInstances } from './fixtures/instance-containers.ts';
import {
  containersNamed,
  engineThat,
  type FleetNode,
  nodesOfFleet,
  startByHand,
  stopByHand,
} from './fixtures/nodes-of-fleet.ts';
import { typed } from './fixtures/typed.ts';

type Found = 'running' | 'stopped' | 'absent' | 'unanswered';
/** `refuse`: nothing is touched anywhere, and the nodes are listed under these words. */
type Outcome = 'attach' | 'launch' | 'fail' | { readonly refuse: readonly (keyof typeof listed)[] };

const listed = {
  'runs on': ['running'],
  'does not run on': ['stopped', 'absent'],
  'could not be looked for on': ['unanswered'],
} as const satisfies Record<string, readonly Found[]>;

const lifetimes = ['no_launch', 'persistent', 'per_run'] as const;

/** What is found on each node of a run, and what then becomes of a container of each lifetime. */
const matrix: readonly (Readonly<Record<(typeof lifetimes)[number], Outcome>> & {
  readonly where: string;
  readonly on: readonly (readonly Found[])[];
})[] = [
  {
    where: 'none',
    on: [['absent'], ['absent', 'absent', 'absent']],
    no_launch: { refuse: ['does not run on'] },
    persistent: 'launch',
    per_run: 'launch',
  },
  {
    // Of one node there is no some: its container is there, and does not run.
    where: 'some',
    on: [['stopped'], ['running', 'stopped', 'absent']],
    no_launch: { refuse: ['does not run on'] },
    persistent: { refuse: ['runs on', 'does not run on'] },
    per_run: 'launch',
  },
  {
    where: 'all',
    on: [['running'], ['running', 'running', 'running']],
    no_launch: 'attach',
    persistent: 'attach',
    per_run: 'launch',
  },
  {
    where: 'a probe that failed',
    on: [['unanswered'], ['running', 'absent', 'unanswered']],
    no_launch: { refuse: ['does not run on', 'could not be looked for on'] },
    persistent: { refuse: ['could not be looked for on'] },
    per_run: 'fail',
  },
];
const scenes = matrix.flatMap(({ where, on, ...outcomes }) =>
  on.map((found) => ({ where, nodes: found.length, found, outcomes })),
);
const NOBODY = 'unix:///nobody/listens/here';

describe(
  'a container of three nodes, by its lifetime and by what is there',
  needing('engine', 'busybox'),
  () => {
    // What is made first goes last: an image that a container still has would stay behind without a name.
    const image = testImage();
    const newer = testImage(['LABEL newer=yes']);
    const on = embeddedForFile();
    containersOfInstances(on);
    const sortie = (...args: string[]) => typed(on.sortie, ...args);
    let nodes: FleetNode[];
    beforeAll(async () => {
      expect(await sortie('apply', '-f', 'examples/fleet-of-three.yaml', '-y')).toMatchObject({ code: 0 });
      nodes = await nodesOfFleet(on, 'three', 3);
    });

    const newName = () => `tools-${randomBytes(4).toString('hex')}`;
    async function finished(used: readonly FleetNode[], configuration: object): Promise<RunDetail> {
      const { id } = await on.client.submit({
        ...{ fleets: ['three'], instances: used.map(({ ec2 }) => ec2), nodes: used.length },
        ...{ resources: { cpu: 2, memory: '2GB..' }, commands: ['true'] },
        ...configuration,
      });
      return on.client.until(id, 'over', final);
    }
    const lastOf = ({ jobs }: RunDetail) => jobs.flatMap(({ submissions }) => submissions.at(-1) ?? []);
    const containersOf = (run: RunDetail) => lastOf(run).flatMap(({ container }) => container ?? []);
    const idsOf = (all: readonly { id: string }[]) => all.map(({ id }) => id).sort();

    describe.each(scenes)('$where of $nodes', ({ found, outcomes }) => {
      const name = newName();
      let used: FleetNode[];
      let mend = () => {};
      beforeAll(async () => {
        used = nodes.slice(0, found.length);
        for (const [n, node] of used.entries()) {
          if (found[n] === 'running' || found[n] === 'stopped') await startByHand(node, name, image.name);
          if (found[n] === 'stopped') await stopByHand(node, name);
          if (found[n] === 'unanswered') mend = engineThat(node, `exec docker --host ${NOBODY} "$@"`);
        }
      });
      afterAll(() => mend());

      /** For each way of naming nodes, those that a refusal names so. */
      function named(message: string): Record<string, string[]> {
        const lists = message.matchAll(
          /(does not run on|runs on|could not be looked for on) (.*?)(?=; | but |, and |, so )/g,
        );
        const inList = (list: string) =>
          [...list.matchAll(/this instance|node \d \((i-\w+)\)/g)].map(([, ec2]) => ec2 ?? `${used[0]?.ec2}`);
        return Object.fromEntries([...lists].map(([, words, list = '']) => [words, inList(list).sort()]));
      }
      function foundAs(words: readonly (keyof typeof listed)[]): Record<string, string[]> {
        const those = words.map((one): [string, string[]] => {
          const states: readonly (Found | undefined)[] = listed[one];
          return [one, used.flatMap(({ ec2 }, n) => (states.includes(found[n]) ? ec2 : [])).sort()];
        });
        return Object.fromEntries(those.filter(([, ec2s]) => ec2s.length > 0));
      }

      test.each(lifetimes)('%s', async (lifetime) => {
        const outcome = outcomes[lifetime];
        const before = await containersNamed(name);
        const ofImage = lifetime === 'no_launch' ? null : image.name;
        const run = await finished(used, { image: ofImage, container: { lifetime, name } });
        const after = await containersNamed(name);
        const how = containersOf(run).map((one) => one.how);
        const begun = lastOf(run).filter(({ started_at }) => started_at !== null);

        if (outcome === 'attach') {
          expect([run.status, how]).toEqual(['done', used.map(() => 'attached')]);
          expect(idsOf(containersOf(run))).toEqual(idsOf(before));
          expect(after).toEqual(before);
        } else if (outcome === 'launch') {
          expect([run.status, how]).toEqual(['done', used.map(() => 'started')]);
          expect(idsOf(after)).toEqual(lifetime === 'persistent' ? idsOf(containersOf(run)) : []);
          if (after.length > 0) await docker('rm', '--force', ...idsOf(after));
        } else if (outcome === 'fail') {
          expect([run.status, begun]).toEqual(['failed', []]);
          expect(run.message).toContain(`Cannot connect to the Docker daemon at ${NOBODY}`);
          expect(after).toEqual([]);
        } else {
          expect([run.status, begun, how]).toEqual(['failed', [], []]);
          expect(run.message).toMatch(
            new RegExp(`^container \\S*${name} .*; nothing was (touched|started or removed)`),
          );
          expect(named(`${run.message}`)).toEqual(foundAs(outcome.refuse));
          expect(after).toEqual(before);
        }
      });
    });

    describe('the image of what is attached to', () => {
      const name = newName();
      const NODE = String.raw`node \d \(i-\w+\)`;
      let node: FleetNode;
      /** A name that comes to mean another image. */
      const moving = `${newName()}:1`;
      const idOf = (one: string) => docker('image', 'inspect', '--format', '{{.Id}}', one);
      beforeAll(async () => {
        await docker('tag', image.name, moving);
        for (const one of nodes) await startByHand(one, name, moving);
        [node = node] = nodes;
      });
      afterAll(() => docker('rmi', '--force', moving));
      const attached = (lifetime: 'no_launch' | 'persistent', to = moving) =>
        finished(nodes, { image: to, container: { lifetime, name } });

      test('cannot be read on a node: nothing is touched', async () => {
        const before = await containersNamed(name);
        const mend = engineThat(
          node,
          `[ "$1" = inspect ] || exec docker "$@"
        said=$(docker "$@") || exit
        printf '%s\\n' "$said" | sed '/^ *"Image": "sha256:/d'`,
        );
        const run = await attached('no_launch').finally(mend);
        expect(run.status).toBe('failed');
        expect(run.message).toMatch(
          new RegExp(
            `^the image of container ${name} could not be read on node \\d \\(${node.ec2}\\); nothing was`,
          ),
        );
        expect(await containersNamed(name)).toEqual(before);
      });

      test('is another than the run asks for: nothing is touched', async () => {
        const before = await containersNamed(name);
        for (const lifetime of ['persistent', 'no_launch'] as const) {
          const run = await attached(lifetime, newer.name);
          expect(run.status).toBe('failed');
          expect(run.message).toMatch(
            new RegExp(
              `^container ${name} was started from ${moving} on ${NODE}, ${NODE}, ${NODE}, and the run asks for ${newer.name}; nothing was touched`,
            ),
          );
        }
        expect(await containersNamed(name)).toEqual(before);
      });

      test('is another than its name means by now: it is used, with a warning, and its id is shown', async () => {
        const before = await containersNamed(name);
        const older = await idOf(moving);
        await docker('tag', newer.name, moving);
        const run = await attached('persistent');
        expect(run.status).toBe('done');
        for (const one of containersOf(run))
          expect(one).toMatchObject({
            ...{ image: moving, image_id: older },
            warnings: [expect.stringContaining('may be stale')],
          });
        const listed = (await on.client.runs()).find(({ id }) => id === run.id);
        expect(listed?.jobs.map(({ image_id }) => image_id)).toEqual([older, older, older]);
        const told = (await on.client.why(run.id)).chain.map(({ what }) => what).join('\n');
        const stale = new RegExp(`the overlay of container ${name} on ${NODE} may be stale`, 'g');
        expect(told.match(stale)).toHaveLength(3);
        expect(await containersNamed(name)).toEqual(before);
      });

      test('differs between nodes: nothing is touched, and each is told with its own', async () => {
        const there = await containersNamed(name);
        await docker('rm', '--force', ...idsOf(there.filter(({ home }) => home === node.home)));
        await startByHand(node, name, newer.name);
        const before = await containersNamed(name);
        const run = await attached('persistent');
        expect(run.status).toBe('failed');
        const short = async (one: string) => (await idOf(one)).replace('sha256:', '').slice(0, 12);
        const [older, other] = [await short(image.name), await short(newer.name)];
        const told = `${run.message}`.replace(new RegExp(NODE, 'g'), (one) =>
          one.includes(node.ec2) ? 'this' : 'another',
        );
        expect(told).toMatch(
          new RegExp(`^container ${name} was made from different images: .*; nothing was touched$`),
        );
        expect(told.match(/\w+: \w{12}\b/g)?.sort()).toEqual([
          `another: ${older}`,
          `another: ${older}`,
          `this: ${other}`,
        ]);
        expect(await containersNamed(name)).toEqual(before);
      });
    });

    test('goes with its instance, and no other of its name does; those of a fleet go with the fleet', async () => {
      const name = newName();
      const run = await finished(nodes, { image: image.name, container: { lifetime: 'persistent', name } });
      expect(run.status).toBe('done');
      const before = await containersNamed(name);
      expect(new Set(before.map(({ home }) => home)).size).toBe(3);
      const [doomed] = nodes;
      const kept = before.filter(({ home }) => home !== doomed?.home);
      expect(await sortie('instance', 'kill', `${doomed?.ec2}`)).toMatchObject({ code: 0 });
      await vi.waitFor(async () => expect(await containersNamed(name)).toEqual(kept), PATIENCE_MS);
      expect(await sortie('fleet', 'delete', 'three', '-y')).toMatchObject({ code: 0 });
      await vi.waitFor(async () => expect(await containersNamed(name)).toEqual([]), PATIENCE_MS);
    });
  },
);
