import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BundledContainer } from '../../../../infra/runner/contract.ts';
import { engineName } from '../../../../infra/runner/supervisor/container/engine-name.ts';
import { needing } from '../../../needs.ts';
import { world } from '../world.ts';
import { containerOf, containersOf, docker, makeImage, removeContainersOf, testImage } from './engine.ts';

describe('a container that outlives its runs', needing('engine', 'busybox'), () => {
  const at = world();
  const image = testImage();
  let name: string;
  beforeEach(() => {
    name = engineName({ name: 'kept' }, '', at.instance.home);
  });
  afterEach(() => removeContainersOf(at.instance.home));

  const persistent = (setup_script: string | null = null) =>
    containerOf(image.name, { lifetime: 'persistent', name: 'kept', setup_script });
  const noLaunch = () => containerOf(image.name, { lifetime: 'no_launch', name: 'kept' });
  const byHand = (...flags: string[]) =>
    docker(
      'run',
      '-d',
      '--network=none',
      '--name',
      name,
      '--label',
      `sortie.home=${at.instance.home}`,
      ...flags,
      image.name,
      'sleep',
      '3600',
    );
  const identity = () => docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', name);

  test('persistent: what one run installs the next one uses, in the same container', async () => {
    const first = await at.run({
      commands: ['echo "#!/bin/sh\necho tool" >/bin/tool; chmod +x /bin/tool'],
      container: persistent('echo set up; touch /set-up'),
    });
    expect(first.exit).toMatchObject({ status: 0, message: null });
    expect(first.log).toBe('set up\n');
    const before = await identity();
    const second = await at.run({
      commands: ['tool; ls /set-up'],
      container: persistent(),
    });
    expect(second.log).toBe('tool\n/set-up\n');
    expect(await identity()).toBe(before);
    expect(await containersOf(at.instance.home)).toEqual([name]);
    const containers = [first, second].map(
      ({ submission }) => at.server.reports(submission).find(({ container }) => container)?.container,
    );
    expect(containers.map((one) => one?.how)).toEqual(['started', 'attached']);
    expect(containers[0]).toMatchObject({ id: before.split(' ')[0], name });
    expect({ ...containers[1], how: 'started' }).toEqual(containers[0]);
  });

  test('persistent: one whose set-up failed never has its name', async () => {
    const { exit, log } = await at.run({
      commands: ['echo never'],
      container: persistent('echo half; exit 3'),
    });
    expect(exit).toMatchObject({
      cause: 'setup',
      status: null,
      message: `setup_script failed with exit code 3 in ${name}: half`,
    });
    expect(log).toBe('half\n');
    expect(await containersOf(at.instance.home)).toEqual([]);
  });

  test('persistent: one that was stopped is not touched', async () => {
    await byHand();
    await docker('kill', name);
    const before = await identity();
    const { exit } = await at.run({ commands: ['echo never'], container: persistent() });
    expect(exit).toMatchObject({ cause: 'setup', status: null });
    expect(exit.message).toMatch(/does not run on this instance \(exited\); nothing was touched/);
    expect(await identity()).toBe(before);
  });

  test('persistent: the name of one is not taken by a run of its own', async () => {
    await at.run({ commands: ['true'], container: persistent() });
    const { exit } = await at.run({
      commands: ['echo never'],
      container: containerOf(image.name, { name: 'kept' }),
    });
    expect(exit.message).toContain('is a persistent one');
    expect(await containersOf(at.instance.home)).toEqual([name]);
  });

  test('persistent: the name is not taken from another that came in between', async () => {
    const { submission } = await at.start({
      commands: ['echo never'],
      container: {
        ...persistent('echo up; until test -e /home/go; do sleep 0.05; done'),
        volumes: [
          { instance_path: at.instance.home, path: '/home', mode: 'ro', optional: false, create: false },
        ],
      },
    });
    await at.logged(submission, 'up');
    await byHand();
    const before = await identity();
    writeFileSync(join(at.instance.home, 'go'), '');
    const exit = await at.delivered(submission);
    expect(exit).toMatchObject({ cause: 'setup', status: null });
    expect(exit.message).toMatch(/^container \S+-kept cannot have its name: .* already in use/s);
    expect(await identity()).toBe(before);
    expect(await containersOf(at.instance.home)).toEqual([name]);
  });

  test('persistent: that its image has changed since is a warning', async () => {
    await at.run({ commands: ['true'], container: persistent() });
    const older = await docker('image', 'inspect', '--format', '{{.Id}}', image.name);
    await makeImage(image.name, ['LABEL newer=yes']);
    const { exit, submission } = await at.run({ commands: ['true'], container: persistent() });
    expect(exit.status).toBe(0);
    const ready = at.server.reports(submission).find(({ container }) => container)?.container;
    expect(ready?.warnings).toEqual([expect.stringContaining('may be stale')]);
    await removeContainersOf(at.instance.home);
    await docker('rmi', older);
  });

  const changes: [string, Partial<BundledContainer>][] = [
    ['volumes', { volumes: [{ instance_path: '/tmp', path: '/data', mode: 'ro', optional: false }] }],
    ['container.env', { env: { HSA_XNACK: '1' } }],
    ['container.args', { cap_add: ['SYS_PTRACE'] }],
    ['container.args', { ulimit: ['memlock=-1'] }],
    ['privileged', { privileged: true }],
    ['resources.shm_size', { shm_bytes: 2 ** 25 }],
    ['container.setup_script', { setup_script: 'touch /other' }],
  ];
  test.each(changes)(
    'persistent: one that was started with other %s is not attached: %o',
    async (field, change) => {
      await at.run({ commands: ['true'], container: persistent('touch /set-up') });
      const before = await identity();
      const { exit } = await at.run({
        commands: ['echo never'],
        container: { ...persistent('touch /set-up'), ...change },
      });
      expect(exit).toMatchObject({ cause: 'setup', status: null });
      expect(exit.message).toMatch(
        new RegExp(
          `^container \\S+-kept was started with other \`${field}\` on this instance, .* \`lifetime: no_launch\`$`,
        ),
      );
      expect(await identity()).toBe(before);
    },
  );

  test('persistent: the same in another order, and without the set-up script, is attached', async () => {
    const args = { cap_add: ['SYS_PTRACE', 'NET_ADMIN'], env: { A: '1', B: '2' } };
    await at.run({ commands: ['true'], container: { ...persistent('touch /set-up'), ...args } });
    const turned = { cap_add: ['NET_ADMIN', 'SYS_PTRACE'], env: { B: '2', A: '1' } };
    const { exit } = await at.run({ commands: ['ls /set-up'], container: { ...persistent(), ...turned } });
    expect(exit).toMatchObject({ status: 0, message: null });
  });

  describe('of another image', () => {
    const other = testImage(['LABEL other=yes']);

    test.each([persistent, noLaunch])('is not attached', async (kept) => {
      await at.run({ commands: ['true'], container: persistent() });
      const { exit } = await at.run({
        commands: ['echo never'],
        container: { ...kept(), image: other.name },
      });
      expect(exit).toMatchObject({ cause: 'setup', status: null });
      expect(exit.message).toContain(
        `-kept was started from ${image.name} on this instance, and the run asks for ${other.name}; nothing was touched`,
      );
    });

    test('by another name of the same image it is attached, and says which image it runs', async () => {
      const id = await docker('image', 'inspect', '--format', '{{.Id}}', image.name);
      await at.run({ commands: ['true'], container: persistent() });
      const own = await docker('image', 'inspect', '--format', '{{.Id}}', other.name);
      await docker('tag', image.name, other.name);
      await docker('rmi', own);
      const { exit, submission } = await at.run({
        commands: ['true'],
        container: { ...persistent(), image: other.name },
      });
      expect(exit.status).toBe(0);
      const ready = at.server.reports(submission).find(({ container }) => container)?.container;
      expect(ready).toMatchObject({ image: image.name, image_id: id, warnings: [] });
    });
  });

  test('no_launch: is used where it runs, and left as it is', async () => {
    await byHand('--workdir=/tmp', '--env', 'OWN=o');
    const before = await identity();
    const { exit, log } = await at.run({
      commands: ['pwd; echo $OWN $MINE'],
      env: { MINE: 'm' },
      container: noLaunch(),
    });
    expect(log).toBe('/tmp\no m\n');
    expect(exit.status).toBe(0);
    expect(await identity()).toBe(before);
  });

  test('no_launch: nothing is started where it does not run', async () => {
    const { exit } = await at.run({ commands: ['echo never'], container: noLaunch() });
    expect(exit).toMatchObject({ cause: 'setup', status: null });
    expect(exit.message).toMatch(
      /^container \S+-kept does not run on this instance; nothing was started or removed/,
    );
    expect(await containersOf(at.instance.home)).toEqual([]);
  });

  test('no_launch: an engine that does not answer is not one without the container', async () => {
    const { exit } = await at.run({
      commands: ['echo never'],
      container: { ...noLaunch(), runtime: 'podman' },
    });
    expect(exit.message).toMatch(/could not be looked for on this instance|podman is not on the PATH/);
  });
});
