import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { needing } from '../../../needs.ts';
import { commandLine, processes } from '../processes.ts';
import { world } from '../world.ts';
import { containerOf, containersOf, removeContainersOf, testImage } from './engine.ts';
import { standIns } from './stand-in.ts';

const real = (): string => execFileSync('sh', ['-c', 'command -v docker || echo docker']).toString().trim();

describe('an engine’s client that misses the end of the commands', needing('engine', 'busybox'), () => {
  // As docker/cli#4553 has it: the process has exited, and `docker exec` waits on.
  const { folder, path } = standIns({
    docker: `case "$1 $*" in exec*/commands) ${real()} "$@"; exec sleep 600;; esac\nexec ${real()} "$@"`,
  });
  afterAll(() => fs.rmSync(folder, { recursive: true }));
  const at = world('sh', { path });
  const image = testImage();
  afterEach(() => removeContainersOf(at.instance.home));

  test.each([
    [['echo done'], 0],
    [['echo before', 'exit 7'], 7],
  ])('does not keep the job running: %o', async (commands, status) => {
    const { submission, exit, log } = await at.run({ commands, container: containerOf(image.name) });
    expect(exit).toMatchObject({ cause: 'commands', status, signal: null });
    expect(log).toMatch(/^(done|before)\n$/);
    expect(await containersOf(at.instance.home)).toEqual([]);
    await at.instance.supervisorGone(submission);
    expect(
      processes()
        .map(commandLine)
        .filter((line) => line.includes(submission)),
    ).toEqual([]);
  });

  test('does so in a persistent container, as another user', async () => {
    const { exit } = await at.run({
      commands: ['exit 3'],
      user: 'worker',
      container: containerOf(image.name, { lifetime: 'persistent', name: 'kept' }),
    });
    expect(exit).toMatchObject({ cause: 'commands', status: 3 });
    expect(await containersOf(at.instance.home)).toHaveLength(1);
  });
});
