import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needing } from '../../../needs.ts';
import { world } from '../world.ts';
import { containerOf, docker, testImage } from './engine.ts';
import { pathWithout, standIns } from './stand-in.ts';

const isReal = spawnSync('podman', ['info']).status === 0;

/** Podman itself where it is installed; else Docker under its name, where only that name is to be found. */
describe(
  `Podman (${isReal ? 'itself' : 'a stand-in'}), where only that is there`,
  needing('engine', 'busybox'),
  () => {
    const real = execFileSync('sh', ['-c', `command -v ${isReal ? 'podman' : 'docker'} || true`])
      .toString()
      .trim();
    const engine = standIns({ podman: `exec ${real} "$@"` });
    const at = world('sh', { path: pathWithout(engine.folder, 'docker', 'podman', 'enroot') });
    const image = testImage();
    const podman = (...args: string[]) => execFileSync(real, args).toString().trim();
    beforeAll(async () => {
      if (!isReal) return;
      const tar = join(engine.folder, 'image.tar');
      await docker('save', '--output', tar, image.name);
      podman('load', `--input=${tar}`);
    });
    afterAll(() => {
      const left = podman('ps', '--all', '--quiet', '--filter', `label=sortie.home=${at.instance.home}`);
      if (left !== '') podman('rm', '--force', ...left.split('\n'));
      if (isReal) podman('rmi', '--force', image.name);
      fs.rmSync(engine.folder, { recursive: true });
    });

    test('runs a job in a container of its own', async () => {
      const { exit, log } = await at.run({
        commands: ['id -u', 'echo "$LINES"; echo "$PLAIN $INSIDE"; cat /set-up', 'echo two >&2', 'exit 7'],
        user: 'worker',
        working_dir: '/tmp',
        env: { LINES: 'one\ntwo "three"', PLAIN: 'p' },
        container: containerOf(image.name, { setup_script: 'echo up | tee /set-up', env: { INSIDE: 'i' } }),
      });
      expect(log).toBe('up\n1234\none\ntwo "three"\np i\nup\ntwo\n');
      expect(exit).toMatchObject({
        ...{ cause: 'commands', status: 7, signal: null },
        message: '`exit 7` (command 4 of 4) exited 7',
      });
    });

    test('stops one', async () => {
      const { submission } = await at.start({
        commands: ['trap "echo bye; exit 4" TERM; echo ready; while :; do sleep 0.05; done'],
        container: containerOf(image.name),
      });
      await at.logged(submission, 'ready');
      await at.instance.stopJob(submission, 'graceful', 'enough');
      expect(await at.delivered(submission)).toMatchObject({ cause: 'stopped', status: 4 });
    });

    test('keeps a persistent one, and knows its image', async () => {
      const container = containerOf(image.name, {
        lifetime: 'persistent',
        name: 'kept',
        setup_script: 'echo up',
      });
      const runs = [
        await at.run({ commands: ['true'], container }),
        await at.run({ commands: ['true'], container }),
      ];
      expect(runs.map(({ exit, log }) => [exit.status, exit.message, log])).toEqual([
        [0, null, 'up\n'],
        [0, null, ''],
      ]);
      const [first, second] = runs.map(
        ({ submission }) => at.server.reports(submission).find(({ container }) => container)?.container,
      );
      expect(second).toEqual({ ...first, how: 'attached' });
    });

    test('says which image is missing', async () => {
      const { exit } = await at.run({ commands: ['true'], container: containerOf('127.0.0.1:1/no/such:1') });
      expect(exit.message).toMatch(/^image: 127\.0\.0\.1:1\/no\/such:1 could not be pulled: /);
    });
  },
);
