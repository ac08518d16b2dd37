import { gzipSync } from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import type { RunId } from '../../domain/kernel/ids.ts';
import { SECOND } from '../../domain/kernel/instant.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

/** A running job, and its runner's way to report. */
async function runner(sortie: Sortie) {
  const run = await sortie.submit();
  await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
  const link = sortie.machines()[0]?.submissions.get(`${run}-0-0`)?.bundleUrl ?? '';
  const token = sortie.bundles.fetch(link)?.token ?? '';
  const report = (part: Record<string, unknown>, as = token) =>
    sortie.post(`/v1/submissions/${run}-0-0/report`, as, { at, ...part });
  return { run, report };
}

const at = '2026-11-20T12:00:30Z';
const exit = { at, cause: 'commands', status: 0, signal: null, log_bytes: 0, message: null };
const phaseOf = async (sortie: Sortie, run: RunId) => (await sortie.job(run)).phase;

test('output comes as it is or compressed; a few bytes never become gigabytes', async () => {
  const sortie = inMemorySortie();
  const { run, report } = await runner(sortie);
  const compressed = (text: string) => ({ data: gzipSync(text).toString('base64'), encoding: 'gzip' });
  const plain = { offset: 0, data: Buffer.from('one ').toString('base64'), at };
  expect(await report({ log: plain })).toMatchObject({ status: 200 });
  expect(await report({ log: { offset: 4, ...compressed('two'), at } })).toMatchObject({ status: 200 });
  const { logs } = (await sortie.get(`/v1/runs/${run}/logs`)) as { logs: { text: string }[] };
  expect(logs.map(({ text }) => text).join('')).toBe('one two');
  for (const log of [
    { ...plain, encoding: 'gzip' },
    { offset: 7, ...compressed('0'.repeat(5_000_000)), at },
  ])
    expect(await report({ log })).toMatchObject({ status: 400 });
});

test('what a report says is bounded: offsets, times, and all that becomes part of a head', async () => {
  const sortie = inMemorySortie({ behaviour: { commands: null } });
  const { report } = await runner(sortie);
  const status = async (part: Record<string, unknown>) => {
    const answer = await report(part);
    return answer === 'no-answer' ? answer : answer.status;
  };
  const log = { offset: 0, data: '', at };
  for (const offset of [2 ** 53 - 1, 2 ** 53, -1, 0.5, 1e308]) {
    expect(await status({ log: { ...log, offset } })).toBe(400);
    expect(await status({ exit: { ...exit, log_bytes: offset } })).toBe(400);
  }
  for (const wrong of [
    '',
    'x',
    '0000-01-01T00:00:00+23:59',
    '9999-12-31T23:59:59-23:59',
    '2026-02-30T00:00:00Z',
  ])
    expect(await status({ at: wrong, started: { at: wrong } })).toBe(400);
  const container = { id: 'x', name: 'x', image_id: 'x', started_at: at, how: 'started', warnings: [] };
  expect(await status({ container: { ...container, warnings: Array(2_000).fill('x'.repeat(200)) } })).toBe(
    413,
  );
  expect(
    await status({ arrived: { address: 'x', sighting: { state: 'unknown', why: 'x'.repeat(500_000) } } }),
  ).toBe(413);
  expect(sortie.unexpected).toEqual([]);
});

test('`why` has the last lines of what a failed job wrote, and none of one that runs or is done', async () => {
  const sortie = inMemorySortie();
  const { run, report } = await runner(sortie);
  const output = Array.from({ length: 30 }, (_, line) => `line ${line}\n`).join('');
  const outputOf = async () => ((await sortie.get(`/v1/runs/${run}/why`)) as { output: unknown }).output;
  await report({ log: { offset: 0, data: Buffer.from(output).toString('base64'), at } });
  expect(await outputOf()).toBe(null);
  await report({ exit: { ...exit, status: 3, log_bytes: output.length } });
  await sortie.drain();
  expect(await outputOf()).toEqual({
    ...{ job: 0, submission: 0 },
    lines: Array.from({ length: 10 }, (_, line) => `line ${line + 20}`),
  });

  const well = await runner(sortie);
  await well.report({ log: { offset: 0, data: Buffer.from(output).toString('base64'), at } });
  await well.report({ exit: { ...exit, log_bytes: output.length } });
  await sortie.drain();
  expect(await sortie.get(`/v1/runs/${well.run}/why`)).toMatchObject({ status: 'done', output: null });
});

test("an instance's report with another nonce is refused, and nothing is recorded", async () => {
  const sortie = inMemorySortie({ behaviour: { boot: null } });
  const run = await sortie.submit();
  await sortie.drain();
  const { instance, nonce } = sortie.machines()[0]?.intent ?? {};
  const report = (as: unknown) =>
    sortie.post(`/v1/instances/${instance}/report`, null, { nonce: as, ready: { at } });
  const commits = sortie.store.commits.length;
  expect(await report('not-it')).toMatchObject({ status: 403 });
  expect(await report(undefined)).toMatchObject({ status: 400 });
  expect(sortie.store.commits).toHaveLength(commits);
  expect(await report(nonce)).toMatchObject({ status: 200 });
  await sortie.until('told to start', async () => (await sortie.job(run)).phase.kind !== 'waiting');
  expect((await sortie.instances())[0]?.phase.kind).toBe('busy');
});

test('an instance that is ready before its launch is on record has to report again', async () => {
  const sortie = inMemorySortie({ behaviour: { boot: null } });
  sortie.world.faults.refuse = () => ({ kind: 'throttled', code: 'RequestLimitExceeded' });
  const run = await sortie.submit();
  await sortie.until(
    'its launch waits',
    async () => (await sortie.instances())[0]?.phase.kind === 'requested',
  );
  const [requested] = await sortie.instances();
  const { instance } = (await sortie.run(run)).jobs[0] ?? {};
  const report = (nonce: unknown) =>
    sortie.post(`/v1/instances/${instance}/report`, null, { nonce, ready: { at } });
  expect(await report('not-it')).toMatchObject({ status: 403 });
  expect(await report(requested?.nonce)).toMatchObject({ status: 503 });
  sortie.world.faults.refuse = () => 'no';
  await sortie.until('it is launched', async () => (await sortie.instances())[0]?.phase.kind === 'booting');
  expect(await report(requested?.nonce)).toMatchObject({ status: 200 });
  expect((await sortie.instances())[0]?.phase.kind).toBe('busy');
});

test('an instance that boots says what it is at, and is told where Node is, by its nonce', async () => {
  const sortie = inMemorySortie({ behaviour: { boot: null } });
  await sortie.submit();
  await sortie.drain();
  const { instance, nonce } = sortie.machines()[0]?.intent ?? {};
  const path = `/v1/instances/${instance}`;
  const booting = { at, message: 'cannot bring Node: curl: (28) timed out' };
  expect(await sortie.post(`${path}/report`, null, { nonce: 'x', booting })).toMatchObject({ status: 403 });
  expect(await sortie.post(`${path}/report`, null, { nonce, booting })).toMatchObject({ status: 200 });
  expect(await sortie.post(`${path}/report`, null, { nonce, booting })).toMatchObject({ status: 200 });
  expect(sortie.told('Instance').filter((type) => type === 'BootReported')).toHaveLength(1);

  const node = async (body: Record<string, unknown>) => {
    const answer = await sortie.ask(`${path}/node`, body);
    return [answer.status, await answer.text()];
  };
  expect(await node({ nonce, arch: 'arm64' })).toEqual([
    200,
    `24.0.0\n${'0'.repeat(64)}\nhttp://bucket/node-arm64.gz\n`,
  ]);
  expect(await node({ nonce: 'not-it', arch: 'x64' })).toMatchObject([403, expect.any(String)]);
  expect(await node({ nonce, arch: 'riscv64' })).toMatchObject([400, expect.any(String)]);
});

describe("a runner's report", () => {
  it('is answered with a stop as soon as one is asked for', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null, obey: null } });
    const { run, report } = await runner(sortie);
    expect(await report({})).toEqual({ status: 200, stop: null });
    await sortie.stop(run, 'graceful');
    expect(await report({})).toEqual({
      status: 200,
      stop: { mode: 'graceful', reason: 'terminated_by_user' },
    });
  });

  it('of a submission that is over changes nothing, and is answered with an abort', async () => {
    const sortie = inMemorySortie();
    const { run, report } = await runner(sortie);
    await sortie.until('done', finished(sortie, run));
    const commits = sortie.store.commits.length;
    const over = { mode: 'abort', reason: 'the submission is over' };
    expect(await report({})).toEqual({ status: 200, stop: over });
    expect(await report({ started: { at } })).toEqual({ status: 200, stop: over });
    expect(await report({ exit: { ...exit, status: 1 } })).toEqual({ status: 200, stop: null });
    expect(sortie.store.commits).toHaveLength(commits);
    expect(await phaseOf(sortie, run)).toMatchObject({ status: 'done' });
    await expectSound(sortie);
  });

  it('with output behind the end that its exit has told of changes neither the history nor what is read', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null } });
    const { run, report } = await runner(sortie);
    const output = (offset: number, text: string) => ({
      log: { offset, data: Buffer.from(text).toString('base64'), at },
    });
    await report(output(0, 'all '));
    await report({ exit: { ...exit, log_bytes: 10 } });
    const commits = sortie.store.commits.length;
    // Of a runner whose exit was read from its disk before it could send the rest.
    await report(output(4, 'of it\nand more'));
    const read = async () => ((await sortie.get(`/v1/runs/${run}/logs`)) as { logs: unknown }).logs;
    const whole = await read();
    expect(whole).toMatchObject([{ text: 'all ' }, { offset: 4, text: 'of it\n' }]);
    for (const [offset, text] of [
      [0, 'forged'],
      [2, 'forged'],
      [8, 'forged'],
      [10, 'forged'],
      [1_000, 'forged'],
    ] as const)
      expect(await report(output(offset, text))).toMatchObject({
        status: 200,
        stop: { reason: 'the submission is over' },
      });
    expect(await read()).toEqual(whole);
    expect(sortie.store.commits).toHaveLength(commits);
  });

  it('of a submission that is over does not speak for the one after it', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null, status: 1 } });
    const run = await sortie.submit({ retry: true });
    await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
    const link = sortie.machines()[0]?.submissions.get(`${run}-0-0`)?.bundleUrl ?? '';
    const token = sortie.bundles.fetch(link)?.token ?? '';
    const first = (part: Record<string, unknown>) =>
      sortie.post(`/v1/submissions/${run}-0-0/report`, token, { at, ...part });
    await first({ exit: { ...exit, status: 1 } });
    await sortie.until('it runs again', async () => {
      const job = await sortie.job(run);
      return job.phase.kind === 'running' && job.past.length === 1;
    });
    const due = () => sortie.store.due(Number.MAX_SAFE_INTEGER, 100);
    const before = await due();
    await sortie.pass(SECOND);
    await first({});
    expect(await due()).toEqual(before);
    sortie.store.remind = () => Promise.reject(new Error('a past submission moved its job'));
    expect(await first({})).toMatchObject({ status: 200 });
  });

  it('that comes twice is recorded once', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null } });
    const { run, report } = await runner(sortie);
    await report({ exit });
    await report({ exit });
    expect(sortie.told('Job').filter((type) => type === 'JobEnded')).toHaveLength(1);
    expect(await phaseOf(sortie, run)).toMatchObject({ status: 'done' });
  });

  it('with the exit before the start ends the job all the same', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 0 } });
    const run = await sortie.submit();
    await sortie.until('done', finished(sortie, run));
    await sortie.pass(SECOND);
    expect(await phaseOf(sortie, run)).toMatchObject({ status: 'done' });
    await expectSound(sortie);
  });

  it('with another token is refused, and nothing is recorded', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null } });
    const { run, report } = await runner(sortie);
    expect(await report({ exit }, 'not-it')).toMatchObject({ status: 403 });
    expect(await phaseOf(sortie, run)).toMatchObject({ kind: 'running' });
  });
});
