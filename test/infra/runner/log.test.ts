import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import type { Manner } from './report-server.ts';
import { world } from './world.ts';

const at = world();
const { run, start, delivered, logged } = at;
afterEach(() => at.server.meet(() => 'well'));

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

describe('the log', () => {
  test('has any bytes as they were written', async () => {
    const octal = Array.from({ length: 256 }, (_, byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
    const { submission } = await run({ commands: [`printf '${octal}'`] });
    expect(at.server.log(submission)).toEqual(Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
  });

  test('has a line of 1 MB', async () => {
    const { exit, log } = await run({ commands: ["head -c 1048576 /dev/zero | tr '\\0' x; echo"] });
    expect(log.length).toBe(1048577);
    expect(log).toBe(`${'x'.repeat(1048576)}\n`);
    expect(exit.log_bytes).toBe(1048577);
  });

  test('has 50 MB whole, compressed, in reports of 256 KB at most', async () => {
    const commands = ['seq 1 6400000', 'echo the end'];
    const { submission } = await start({ commands });
    const exit = await delivered(submission);
    const log = at.server.log(submission);
    expect(exit.log_bytes).toBe(log.length);
    expect(log.length).toBeGreaterThan(50_000_000);
    const whole = `${Array.from({ length: 6_400_000 }, (_, i) => i + 1).join('\n')}\nthe end\n`;
    expect(sha256(log)).toBe(sha256(whole));
    const sent = at.server.reports(submission).map(({ log }) => log?.data.length ?? 0);
    expect(Math.max(...sent)).toBeLessThan(256 * 1024);
    expect(sent.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(log.length / 2);
  });

  test('is cut at its limit with a last line that says so, while the commands run on', async () => {
    const commands = ['seq 1 500000', 'echo ran on > proof', 'cp proof ../proof'];
    const { submission } = await start({ commands, log_limit: 1_000_000 });
    const exit = await delivered(submission);
    const log = at.server.log(submission).toString();
    const whole = Array.from({ length: 500_000 }, (_, i) => i + 1).join('\n');
    const [output = '', note = ''] = log.split('\n[sortie] ');
    expect(output).toBe(whole.slice(0, 1_000_000));
    expect(note).toMatch(/^The output is cut here, at .*GB; the commands run on\. .*`log_limit` .*\n$/);
    expect(exit).toMatchObject({ status: 0, log_bytes: log.length });
    expect(at.instance.read(submission, 'proof')).toBe('ran on\n');
  });

  test('that ends at its limit is not cut', async () => {
    const { log } = await run({ commands: ['printf 12345'], log_limit: 5 });
    expect(log).toBe('12345');
  });

  test('keeps what was there when a command opens /dev/stdout and /dev/stderr anew', async () => {
    const { log } = await run({
      commands: [
        'echo a',
        'echo b >/dev/stderr',
        'echo c >/dev/stdout',
        'echo d | tee /dev/stderr',
        'echo e',
      ],
    });
    expect(log).toBe('a\nb\nc\nd\nd\ne\n');
  });

  test('arrives while the commands run', async () => {
    const { submission } = await start({ commands: ['echo first', 'while :; do sleep 0.01; done'] });
    await logged(submission, 'first');
    await at.instance.stopJob(submission, 'abort');
    expect(await delivered(submission)).toMatchObject({ cause: 'stopped' });
  });

  test('is whole though the supervisor was killed, and the commands go on', async () => {
    const { submission } = await start({
      commands: ['echo before', 'until [ -e go ]; do sleep 0.01; done', 'echo after'],
    });
    process.kill(at.instance.pid(submission, 'supervisor.pid') ?? 0, 'SIGKILL');
    await at.instance.supervisorGone(submission);
    await eventually('the first line', () => at.instance.read(submission, 'log') === 'before\n');
    at.instance.write(submission, 'work/go', '');
    await eventually('the last line', () => at.instance.read(submission, 'log') === 'before\nafter\n');
  });
});

/** Meets each report of a kind with these, one after the other, and then well. */
const inTurn = (kind: 'started' | 'log' | 'exit', ...manners: Manner[]) =>
  at.server.meet((report) => (kind in report ? (manners.shift() ?? 'well') : 'well'));

describe('the server', () => {
  const commands = ['seq 1 1000', 'exit 3'];
  const whole = `${Array.from({ length: 1000 }, (_, i) => i + 1).join('\n')}\n`;

  test.each([
    ['started', [500, 'lost', 429]],
    ['log', ['lost', 503, 'lost']],
    ['log', [408, 425, 502]],
    ['exit', ['lost', 500, 429]],
    ['log', [403, 404, 401]],
  ] as ['started' | 'log' | 'exit', Manner[]][])(
    'may lose or refuse a %s for a while (%j): nothing is lost or doubled',
    async (kind, manners) => {
      inTurn(kind, ...manners);
      const { exit, log, submission } = await run({ commands });
      expect(log).toBe(whole);
      expect(exit).toMatchObject({ cause: 'commands', status: 3, log_bytes: whole.length });
      await at.instance.supervisorGone(submission);
      expect(at.server.exits(submission).every((one) => one.status === 3)).toBe(true);
    },
  );

  test('may be away: the job runs and ends, and is told when the server is back', async () => {
    const { submission } = await start({ commands: ['until [ -e go ]; do sleep 0.01; done', ...commands] });
    await eventually('the start', () => at.server.reports(submission).length > 0);
    await at.server.close();
    at.instance.write(submission, 'work/go', '');
    const onDisk = await at.instance.exit(submission);
    expect(onDisk).toMatchObject({ status: 3, log_bytes: whole.length });
    expect(at.server.exits(submission)).toEqual([]);
    await at.server.listen();
    expect(await delivered(submission)).toEqual(onDisk);
    expect(at.server.log(submission).toString()).toBe(whole);
  });

  test('may fall back to an earlier offset, and gets the log from there', async () => {
    const { submission } = await start({
      commands: ['seq 1 1000', 'until [ -e go ]; do sleep 0.01; done', 'echo end'],
    });
    await logged(submission, '\n1000\n');
    at.server.forget(submission);
    at.instance.write(submission, 'work/go', '');
    await delivered(submission);
    expect(at.server.log(submission).toString()).toBe(`${whole}end\n`);
  });

  test('hears a heartbeat while nothing happens, and every answer refreshes the contact', async () => {
    const { submission } = await start({
      heartbeat_seconds: 0.05,
      commands: ['until [ -e go ]; do sleep 0.01; done'],
    });
    const beats = () =>
      at.server.reports(submission).filter((report) => Object.keys(report).length === 1).length;
    await eventually('three heartbeats', () => beats() >= 3);
    at.instance.age('contact', 3600);
    await eventually('a fresh contact', () => at.instance.ageOf('contact') < 60);
    at.server.meet(() => 500);
    at.instance.age('contact', 3600);
    await eventually('a fresh contact in an outage', () => at.instance.ageOf('contact') < 60);
    at.server.meet(() => 'well');
    at.instance.write(submission, 'work/go', '');
    await delivered(submission);
  });

  test.each([410, 404])(
    'may not want a submission any more (%i): it is stopped, and the disk keeps the truth',
    async (status) => {
      const trap = 'trap "echo bye; exit 0" TERM';
      const { submission } = await start({
        heartbeat_seconds: 0.1,
        commands: [`${trap}; while :; do sleep 0.01; done`],
      });
      await eventually('the start', () => at.server.reports(submission).length > 0);
      at.server.meet(() => status);
      const exit = await at.instance.exit(submission);
      expect(exit).toMatchObject({
        cause: 'stopped',
        status: 0,
        message: 'the server does not want this submission any more',
      });
      await at.instance.supervisorGone(submission);
      expect(at.instance.read(submission, 'log')).toMatch(/^(Terminated\n)?bye\n$/);
      expect(at.server.exits(submission)).toEqual([]);
    },
  );
});
