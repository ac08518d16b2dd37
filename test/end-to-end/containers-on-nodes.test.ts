import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RunDetail } from '../../domain/api/run.ts';
import { docker, testImage } from '../infra/runner/container/engine.ts';
import { needing } from '../needs.ts';
import { PATIENCE_MS } from '../patience.ts';
import { final, running } from './fixtures/client.ts';
import { embeddedForFile } from './fixtures/embedded.ts';
import { containersOfInstances } from './fixtures/instance-containers.ts';
import { typed } from './fixtures/typed.ts';

/** Stands for Debian's, as no package is to be had here: what it installs knows in which container it was installed. */
const APT_GET = `#!/bin/sh
[ "$1" = install ] || exit 0
for tool; do :; done
cat /proc/sys/kernel/random/uuid >/installed
printf '#!/bin/sh\\necho "\${0##*/} $*, installed as $(cat /installed)"\\n' >"/bin/$tool"
chmod +x "/bin/$tool"
`;

describe('containers on three nodes', needing('engine', 'busybox'), () => {
  // What is made first goes last: an image that a container still has would stay behind without a name.
  const bare = testImage();
  const image = bare.name.replace(':1', ':apt');
  const folder = mkdtempSync(join(tmpdir(), 'sortie-examples-'));
  beforeAll(async () => {
    writeFileSync(join(folder, 'apt-get'), APT_GET, { mode: 0o755 });
    const made = await docker('create', bare.name, 'sh');
    await docker('cp', join(folder, 'apt-get'), `${made}:/bin/apt-get`);
    await docker('commit', made, image);
    await docker('rm', made);
  });
  afterAll(async () => {
    await docker('rmi', '--force', image).catch(() => '');
    rmSync(folder, { recursive: true });
  });

  const on = embeddedForFile();
  const containers = containersOfInstances(on);
  const sortie = (...args: string[]) => typed(on.sortie, ...args);

  /** Applies an example as it is, but for its image. */
  async function apply(example: string) {
    const written = readFileSync(join('examples', example), 'utf8');
    writeFileSync(join(folder, example), written.replace('image: ubuntu:24.04', `image: ${image}`));
    return sortie('apply', '-f', join(folder, example), '-y');
  }
  async function last(name: string): Promise<RunDetail> {
    const found = (await on.client.runs()).find((run) => run.name === name);
    return on.client.run(`${found?.id}`);
  }
  const submissionsOf = ({ jobs }: RunDetail) => jobs.flatMap(({ submissions }) => submissions.at(-1) ?? []);
  const containersIn = (run: RunDetail) =>
    submissionsOf(run)
      .map(({ instance, container }) => ({ instance, id: container?.id, started_at: container?.started_at }))
      .sort((a, b) => `${a.instance}`.localeCompare(`${b.instance}`));
  const finished = async (configuration: object) => {
    const { id } = await on.client.submit({
      ...{ nodes: 3, image, resources: { cpu: 2, memory: '2GB..' } },
      ...configuration,
    });
    return on.client.until(id, 'over', final);
  };
  /** For each node that failed, its own part of the run's message. */
  const blamed = ({ jobs, message }: RunDetail) =>
    jobs
      .filter(({ status }) => status === 'failed')
      .map(({ index }) => `${message}`.split('; ').find((part) => part.startsWith(`node ${index}: `)));

  test('a tool is installed in one run and used in the next, in the same containers of the same nodes', async () => {
    expect(await apply('fleet-of-three.yaml')).toMatchObject({ code: 0 });
    const idle = async () => (await on.client.instances()).filter(({ status }) => status === 'idle').length;
    await vi.waitFor(async () => expect(await idle()).toBe(3), { timeout: PATIENCE_MS, interval: 100 });
    const installed = await apply('tool-install.yaml');
    expect(installed, installed.stderr).toMatchObject({ code: 0 });
    const used = await apply('tool-use.yaml');
    expect(used, used.stderr).toMatchObject({ code: 0 });

    const [first, second] = [await last('tool-install'), await last('tool-use')];
    expect(submissionsOf(first).map(({ container }) => container?.how)).toEqual(Array(3).fill('started'));
    expect(submissionsOf(second).map(({ container }) => container?.how)).toEqual(Array(3).fill('attached'));
    expect(containersIn(second)).toEqual(containersIn(first));
    expect(new Set(containersIn(first).map(({ id }) => id)).size).toBe(3);
    const installations = (text: string) =>
      [...text.matchAll(/installed as (\S+)/g)].map(([, id]) => id).sort();
    expect(installations(used.stdout)).toHaveLength(3);
    expect(installations(used.stdout)).toEqual(installations(installed.stdout));

    // What became of each node, as its user reads it.
    for (const node of [0, 1, 2]) expect(used.stdout).toContain(`node ${node} | node ${node} of 3 passed\n`);
    const { stdout: table } = await sortie('ps', '-a');
    expect(table).toMatch(
      /^tool-use +done .*\n└ node 0 +done \(0\).*\n└ node 1 +done \(0\).*\n└ node 2 +done \(0\)/m,
    );
  });

  test('one that is gone on a node is not made up for: the run is refused, and the others stay as they are', async () => {
    const [gone = '', ...kept] = (await containers.all()).sort();
    const identities = () => docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', ...kept);
    const before = await identities();
    await docker('rm', '--force', gone);
    const refused = await apply('tool-use.yaml');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /container tools runs on node \d \(i-\w+\), node \d \(i-\w+\) but does not run on node \d \(i-\w+\); nothing was touched/,
    );
    const unlaunched = await finished({
      fleets: ['three'],
      image: null,
      container: { lifetime: 'no_launch', name: 'tools' },
      commands: ['echo never'],
    });
    expect(unlaunched).toMatchObject({ status: 'failed', termination_reason: 'job_failed' });
    expect(unlaunched.message).toMatch(
      /^container tools does not run on node \d \(i-\w+\); nothing was started or removed/,
    );
    expect((await containers.all()).sort()).toEqual(kept);
    expect(await identities()).toBe(before);
  });

  test.each([
    [1, 'per_run', 'mkdir /shared/one'],
    [2, 'persistent', 'mkdir /shared/one || mkdir /shared/two'],
  ])(
    'a set-up script that fails on %i of them is told of each, and none is kept (%s)',
    async (failing, lifetime, taken) => {
      const shared = mkdtempSync(join(folder, 'shared-'));
      const run = await finished({
        fleets: ['three'],
        volumes: [`${shared}:/shared`],
        container: {
          ...{ lifetime, name: 'half' },
          setup_script: `if ${taken}; then echo no room; exit 3; fi 2>/dev/null\n`,
        },
        commands: ['echo never'],
      });
      expect(run).toMatchObject({ status: 'failed', termination_reason: 'job_failed' });
      expect(`${run.message}`.split('; ')).toEqual(blamed(run));
      expect(blamed(run)).toHaveLength(failing);
      for (const part of blamed(run))
        expect(part).toMatch(/^node \d: setup_script failed with exit code 3 in \S*half: no room$/);
      const { cause } = await on.client.why(run.id);
      for (const { index, status } of run.jobs)
        if (status === 'failed') expect(cause.message).toContain(`node ${index}`);
      expect(submissionsOf(run).map(({ started_at }) => started_at)).toEqual([null, null, null]);
      expect((await containers.all()).filter((name) => name.includes('half'))).toEqual([]);
    },
  );

  test('a node that is lost ends the run on the others, and no container stays', async () => {
    const { id } = await on.client.submit({
      ...{ nodes: 3, image, resources: { cpu: 2, memory: '2GB..' } },
      fleets: ['three'],
      container: { name: 'lost' },
      commands: ["trap '' TERM; while :; do sleep 0.05; done"],
      stop_duration: '1s',
    });
    const lost = async () => (await containers.all()).filter((name) => name.endsWith('-lost'));
    const run = await on.client.until(id, 'running', running);
    expect(await lost()).toHaveLength(3);
    const instance = `${run.jobs[1]?.submissions[0]?.instance}`;
    const { code } = await sortie('instance', 'kill', instance, '--reason', 'a test');
    expect(code).toBe(0);
    const over = await on.client.until(id, 'over', final);
    expect(over).toMatchObject({ status: 'failed', termination_reason: 'job_failed' });
    expect(over.message).toBe('node 1: its instance was killed by admin: a test');
    await vi.waitFor(async () => expect(await lost()).toEqual([]), PATIENCE_MS);
  });
});
