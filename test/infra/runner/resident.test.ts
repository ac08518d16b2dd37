import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { newSubmission, startInstance } from './instance.ts';
import { isAlive } from './processes.ts';
import { world } from './world.ts';

const at = world();
const { run, start, delivered, logged } = at;

const UNTIL_GO = 'until [ -e go ]; do sleep 0.01; done';
const go = (submission: string) => at.instance.write(submission, 'work/go', '');
const oneExit = (submission: string) => expect(at.server.exits(submission)).toHaveLength(1);

describe('the resident supervisor', () => {
  test('starts all jobs of an instance, and stays', async () => {
    const first = await run({ commands: ['echo one'] });
    const [resident] = at.instance.residents();
    const jobs = await Promise.all(
      Array.from({ length: 6 }, (_, n) => run({ commands: [`echo ${n}; exit ${n}`] })),
    );
    expect(jobs.map(({ exit }) => exit.status)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(jobs.map(({ log }) => log)).toEqual(['0\n', '1\n', '2\n', '3\n', '4\n', '5\n']);
    expect(first.log).toBe('one\n');
    expect(at.instance.residents()).toEqual([resident]);
    for (const { submission } of jobs) await at.instance.supervisorGone(submission);
    const left = jobs.flatMap(({ submission }) => fs.readdirSync(at.instance.fileOf(submission, '.')));
    expect(left).not.toContain('supervision');
    expect(left).not.toContain('word');
  });

  test('ends one job by an error of its own, and no other', async () => {
    const { submission: other } = await start({ commands: [UNTIL_GO, 'exit 3'] });
    const submission = newSubmission();
    const url = at.server.bundleUrl({ submission, commands: [UNTIL_GO] });
    at.server.holdBundles();
    const starting = at.instance.startJob(submission, url);
    await eventually('the supervisor', () => at.instance.pid(submission, 'supervisor.pid'));
    fs.mkdirSync(at.instance.fileOf(submission, '.started'));
    at.server.releaseBundles();
    expect(await starting).toMatchObject({ status: 1 });
    expect(at.instance.read(submission, 'supervisor.log')).toContain('EISDIR');
    go(other);
    expect(await delivered(other)).toMatchObject({ cause: 'commands', status: 3 });
  });

  test('is started again, and what it has begun is seen through: exit and whole output, once', async () => {
    const commands = ['seq 1 50000', UNTIL_GO, 'seq 50001 100000', 'exit 7'];
    const { submission } = await start({ commands });
    await logged(submission, '\n50000\n');
    await at.instance.killResident('but not its keeper');
    await eventually('another resident', () => at.instance.residents().length === 1);
    expect(await at.instance.probe()).toContainEqual(
      expect.objectContaining({ submission, state: 'running' }),
    );
    go(submission);
    const exit = await delivered(submission);
    expect(exit).toMatchObject({ cause: 'commands', status: 7, signal: null });
    expect(exit.message).toBe('`exit 7` (command 4 of 4) exited 7');
    const whole = `${Array.from({ length: 100_000 }, (_, n) => n + 1).join('\n')}\n`;
    expect(at.server.log(submission).toString()).toBe(whole);
    expect(exit.log_bytes).toBe(whole.length);
    await at.instance.supervisorGone(submission);
    oneExit(submission);
  });

  test.each([
    ['exit 7', { status: 7, signal: null }],
    ['kill -SEGV $$', { status: null, signal: 'SIGSEGV' }],
    ['exec sh -c "exit 9"', { status: 9, signal: null }],
    ['true', { status: 0, signal: null }],
  ])(
    'is killed with its keeper, the commands end meanwhile (%s), and probe starts it again',
    async (last, end) => {
      const { submission } = await start({ commands: ['echo before', UNTIL_GO, 'echo after', last] });
      const { submission: still } = await start({ commands: [UNTIL_GO] });
      await logged(submission, 'before');
      await at.instance.killResident();
      go(submission);
      await eventually('the status', () => at.instance.read(submission, 'status'));
      const probed = await at.instance.probe();
      for (const one of [submission, still])
        expect(probed).toContainEqual(expect.objectContaining({ submission: one, state: 'running' }));
      expect(await delivered(submission)).toMatchObject({ cause: 'commands', ...end, log_bytes: 13 });
      expect(at.server.log(submission).toString()).toBe('before\nafter\n');
      go(still);
      expect(await delivered(still)).toMatchObject({ cause: 'commands', status: 0 });
      await at.instance.supervisorGone(submission);
      oneExit(submission);
      expect(at.instance.residents()).toHaveLength(1);
    },
  );

  test('is killed: the next start-job starts it again', async () => {
    const { submission } = await start({ commands: [UNTIL_GO, 'exit 4'] });
    await at.instance.killResident();
    expect((await run({ commands: ['exit 5'] })).exit.status).toBe(5);
    go(submission);
    expect(await delivered(submission)).toMatchObject({ cause: 'commands', status: 4 });
    expect(at.instance.residents()).toHaveLength(1);
  });

  test('stops after its death as before it: by stop-job, by an answer, by max_duration', async () => {
    const trap = 'trap "echo bye; exit 4" TERM; echo ready; while :; do sleep 0.01; done';
    const bundles = [{}, { heartbeat_seconds: 0.05 }, { max_duration: 1 }];
    const jobs = await Promise.all(bundles.map((bundle) => start({ ...bundle, commands: [trap] })));
    const [byDisk = '', byAnswer = '', byClock = ''] = jobs.map(({ submission }) => submission);
    for (const { submission } of jobs.slice(0, 2)) await logged(submission, 'ready');
    await at.instance.killResident();
    expect(await at.instance.stopJob(byDisk, 'graceful', 'by alice')).toMatchObject({ output: 'stopping' });
    at.server.stops.set(byAnswer, { mode: 'graceful', reason: 'an interruption' });
    await at.instance.probe();
    expect(await delivered(byDisk)).toMatchObject({ cause: 'stopped', status: 4, message: 'by alice' });
    expect(await delivered(byAnswer)).toMatchObject({
      cause: 'stopped',
      status: 4,
      message: 'an interruption',
    });
    expect(await delivered(byClock)).toMatchObject({ cause: 'max_duration', status: 4 });
  });

  test('died after the exit was on the disk: the server hears of that exit', async () => {
    at.server.meet((report) => ('exit' in report ? 503 : 'well'));
    const { submission } = await start({ commands: ['echo all', 'exit 6'] });
    const onDisk = await at.instance.exit(submission);
    await at.instance.killResident('but not its keeper');
    at.server.meet(() => 'well');
    expect(await delivered(submission)).toEqual(onDisk);
    expect(at.server.log(submission).toString()).toBe('all\n');
  });

  test('died between a job and its commands: start-job goes on with a supervisor of its own', async () => {
    const submission = newSubmission();
    const url = at.server.bundleUrl({ submission, commands: ['echo once', 'exit 3'] });
    await run({ commands: ['true'] });
    at.server.holdBundles();
    const starting = at.instance.startJob(submission, url);
    await eventually('the supervisor', () => at.instance.pid(submission, 'supervisor.pid'));
    await at.instance.killResident('but not its keeper');
    await eventually('another resident', () => at.instance.residents().length === 1);
    at.server.releaseBundles();
    expect(await starting).toEqual({ status: 0, output: 'started' });
    expect(await delivered(submission)).toMatchObject({ cause: 'commands', status: 3 });
    expect(at.server.log(submission).toString()).toBe('once\n');
    oneExit(submission);
  });

  test('hangs: start-job goes on with a supervisor of its own, and the resident leaves the job alone', async () => {
    await run({ commands: ['true'] });
    const [resident = 0] = at.instance.residents();
    process.kill(resident, 'SIGSTOP');
    const { submission, exit, log } = await run({ commands: ['echo once', 'exit 3'] });
    expect(exit.status).toBe(3);
    process.kill(resident, 'SIGCONT');
    expect((await run({ commands: ['exit 5'] })).exit.status).toBe(5);
    expect(at.server.log(submission).toString()).toBe(log);
    oneExit(submission);
  });

  test('of an older version keeps its jobs, takes no new ones and ends', async () => {
    const { submission } = await start({ commands: [UNTIL_GO, 'exit 4'] });
    const [resident = 0] = at.instance.residents();
    fs.writeFileSync(join(at.instance.home, 'runner', 'newer.cjs'), '');
    const later = Date.now() / 1000 + 60;
    fs.utimesSync(join(at.instance.home, 'runner', 'newer.cjs'), later, later);
    go(submission);
    expect(await delivered(submission)).toMatchObject({ cause: 'commands', status: 4 });
    await eventually('its end', () => !isAlive(resident));
    fs.rmSync(join(at.instance.home, 'runner', 'newer.cjs'));
    expect((await run({ commands: ['exit 5'] })).exit.status).toBe(5);
  });

  test('is one, however many jobs come first', async () => {
    const other = await startInstance();
    const jobs = await Promise.all(Array.from({ length: 8 }, () => start({ commands: ['true'] }, other)));
    for (const { submission } of jobs) await delivered(submission);
    expect(other.residents()).toHaveLength(1);
    other.remove();
  });
});
