import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { newSubmission, startInstance } from './instance.ts';
import { world } from './world.ts';

const at = world();
const { run, start, delivered } = at;

test('the commands run on though the agent ended start-job before its answer', async () => {
  const submission = newSubmission();
  const url = at.server.bundleUrl({ submission, commands: ['echo one', 'echo two', 'exit 3'] });
  at.server.holdBundles();
  const starting = at.instance.startJob(submission, url);
  await eventually('the supervisor', () => at.instance.pid(submission, 'supervisor.pid'));
  at.instance.killScripts();
  expect(await starting).toEqual({ status: null, output: '' });
  at.server.releaseBundles();
  expect(await delivered(submission)).toMatchObject({ cause: 'commands', status: 3 });
  expect(at.server.log(submission).toString()).toBe('one\ntwo\n');
});

describe.each(['sh', 'bash'] as const)('on a full disk, with %s', (shell) => {
  const full = world(shell);
  afterEach(() => full.instance.freeDisk());
  const left = () =>
    fs.readdirSync(join(full.instance.home, 'runner')).filter((name) => !name.endsWith('.door'));

  test('start-job leaves neither half a runner nor an empty exit, and the neighbours are seen', async () => {
    full.instance.fillDisk();
    const { submission, answer } = await full.start({ commands: ['echo never'] });
    expect(answer).toEqual({ status: 1, output: 'cannot write the runner: is the disk full?' });
    expect(left()).toEqual([]);
    expect(full.instance.read(submission, 'exit')).toBeNull();
    expect(full.instance.read(submission, '.exit')).toBeNull();

    full.instance.freeDisk();
    const neighbour = await full.run({ commands: ['exit 4'] });
    await full.instance.killResident();
    full.instance.fillDisk();
    const again = await full.start({ commands: ['echo never'] });
    expect(again.answer.status).toBe(1);
    expect(full.instance.read(again.submission, 'exit')).toBeNull();
    const probed = await full.instance.probe();
    expect(probed.map((one) => one.submission).sort()).toEqual(
      [submission, neighbour.submission, again.submission].sort(),
    );
    expect(probed.find((one) => one.submission === neighbour.submission)).toMatchObject({
      state: 'exited',
      exit: { status: 4 },
    });
  });

  test('stop-job leaves no empty order, and says that it could not', async () => {
    const { submission } = await full.start({ commands: ['until [ -e go ]; do sleep 0.01; done', 'exit 6'] });
    full.instance.fillDisk();
    expect(await full.instance.stopJob(submission, 'graceful')).toEqual({
      status: 1,
      output: `cannot write ${full.instance.fileOf(submission, 'stop')}: is the disk full?`,
    });
    expect(full.instance.read(submission, 'stop')).toBeNull();
    full.instance.write(submission, 'work/go', '');
    expect(await full.delivered(submission)).toMatchObject({ cause: 'commands', status: 6 });
  });
});

test('probe reads on past a file that a full disk has left empty or cut', async () => {
  const { submission } = await run({ commands: ['exit 4'] });
  const others = [
    ['exit', ''],
    ['exit', '{"at":"2026'],
    ['started', ''],
  ].map(([name = '', text = '']) => {
    const other = newSubmission();
    fs.mkdirSync(at.instance.fileOf(other, '.'));
    at.instance.write(other, name, text);
    at.instance.age(`jobs/${other}`, 600);
    return other;
  });
  const probed = await at.instance.probe();
  for (const other of others)
    expect(probed).toContainEqual({
      submission: other,
      state: 'lost',
      started: null,
      exit: null,
      log_bytes: 0,
    });
  expect(probed.find((one) => one.submission === submission)).toMatchObject({ exit: { status: 4 } });
});

test('a file that a killed start-job left half written goes with time', async () => {
  const other = await startInstance();
  fs.mkdirSync(join(other.home, 'runner'));
  fs.mkdirSync(join(other.home, 'jobs'));
  const half = join(other.home, 'runner', 'abc.123.part');
  fs.writeFileSync(half, 'half');
  other.age('runner/abc.123.part', 3600);
  const { submission } = await start({ commands: ['true'] }, other);
  await delivered(submission);
  expect(fs.existsSync(half)).toBe(false);
  other.remove();
});
