import * as fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { newSubmission, startInstance } from './instance.ts';
import { world } from './world.ts';

// The `sh` of Amazon Linux is bash.
const at = world('bash', { env: { LC_ALL: 'C.UTF-8' } });
const { run, start, logged } = at;

const probed = async (submission: string) =>
  (await at.instance.probe()).find((one) => one.submission === submission);

describe('probe', () => {
  test('tells nothing where no job ever was, and is a contact', async () => {
    fs.writeFileSync(`${at.instance.home}/contact`, '');
    at.instance.age('contact', 3600);
    expect(await at.instance.probe()).toEqual([]);
    expect(at.instance.ageOf('contact')).toBeLessThan(60);
  });

  test('tells what user data is at, until it has finished', async () => {
    const other = await startInstance('bash');
    fs.rmSync(`${other.home}/ready`);
    expect(await other.probe()).toEqual([{ booting: 'user data has not begun' }]);
    fs.writeFileSync(`${other.home}/booting`, 'cannot fetch Node\n');
    expect(await other.probe()).toEqual([{ booting: 'cannot fetch Node' }]);
    fs.writeFileSync(`${other.home}/ready`, `${process.execPath}\n`);
    expect(await other.probe()).toEqual([]);
    other.remove();
  });

  test('tells what runs, with what it has written so far', async () => {
    const { submission } = await start({ commands: ['echo ready; while :; do sleep 0.01; done'] });
    await logged(submission, 'ready');
    const started = { at: expect.stringMatching(/^\d{4}-.*Z$/) };
    expect(await probed(submission)).toEqual({
      submission,
      state: 'running',
      started,
      exit: null,
      log_bytes: 6,
    });
    await at.instance.stopJob(submission, 'abort');
  });

  test('tells what has ended, and how', async () => {
    const { submission, exit } = await run({ commands: ['echo "log_bytes\\":1"', 'exit 3'] });
    const started = { at: expect.any(String) };
    expect(await probed(submission)).toEqual({ submission, state: 'exited', started, exit, log_bytes: 13 });
  });

  test('tells of a job that could not start', async () => {
    const { submission } = await start({ user: 'no-such-user' });
    expect(await probed(submission)).toMatchObject({
      state: 'exited',
      started: null,
      exit: { cause: 'setup' },
      log_bytes: 0,
    });
  });

  test('calls lost what has no exit, no living supervisor, and no commands that another could go on with', async () => {
    const { submission } = await start({ commands: ['echo ready; while :; do sleep 0.01; done'] });
    await logged(submission, 'ready');
    const shell = at.instance.pid(submission, 'commands.pid') ?? 0;
    await at.instance.killResident();
    process.kill(-shell, 'SIGKILL');
    await eventually('the end of the shell', () => at.instance.isDead(submission, 'commands.pid'));
    expect(await probed(submission)).toMatchObject({ state: 'lost', exit: null, log_bytes: 6 });
  });

  test("takes another process with the supervisor's old number for what it is", async () => {
    const submission = newSubmission();
    fs.mkdirSync(at.instance.fileOf(submission, '.'));
    at.instance.write(submission, 'supervisor.pid', `${process.pid}\n`);
    expect(await probed(submission)).toMatchObject({
      state: 'lost',
      started: null,
      exit: null,
      log_bytes: 0,
    });
  });

  test('does not call lost what is only just starting', async () => {
    const submission = newSubmission();
    fs.mkdirSync(at.instance.fileOf(submission, '.'));
    expect(await probed(submission)).toMatchObject({ state: 'running', started: null });
    at.instance.age(`jobs/${submission}`, 600);
    expect(await probed(submission)).toMatchObject({ state: 'lost' });
  });

  test('tells of the newest first, and of no more than fit in the bytes that SSM keeps of an output', async () => {
    const many = Array.from({ length: 120 }, () => newSubmission());
    for (const [index, submission] of many.entries()) {
      fs.mkdirSync(at.instance.fileOf(submission, '.'));
      at.instance.write(submission, 'exit', `{"message":"${'mü€'.repeat(100)}","log_bytes":7}\n`);
      at.instance.age(`jobs/${submission}`, -1000 - index);
    }
    const lines = await at.instance.probe();
    expect(lines.map(({ submission }) => submission)).toEqual(many.reverse().slice(0, lines.length));
    const printed = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(Buffer.byteLength(printed)).toBeLessThan(24_000);
    expect(lines.length).toBeGreaterThan(20);
    for (const submission of many) at.instance.write(submission, 'exit', '{"log_bytes":7}\n');
    for (const [index, submission] of many.entries()) at.instance.age(`jobs/${submission}`, -2000 + index);
    expect(await at.instance.probe()).toHaveLength(100);
  });
});
