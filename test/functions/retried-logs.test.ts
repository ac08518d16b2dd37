import { expect, it } from 'vitest';
import { LogList } from '../../domain/api/run.ts';
import { assign, over, started } from '../../domain/job/decide.ts';
import type { JobEvent } from '../../domain/job/events.ts';
import { endingOf } from '../../domain/job/exit.ts';
import { backOffOver } from '../../domain/job/retry.ts';
import type { JobState } from '../../domain/job/state.ts';
import { Job } from '../../domain/job/stream.ts';
import { jobId, runId, submissionId } from '../../domain/kernel/ids.ts';
import { change } from '../../domain/kernel/stream.ts';
import { app } from '../../functions/api/app.ts';
import { memoryApi } from '../cli/memory-api.ts';
import { bundle, INSTANCE, offer, T0 } from '../domain/given.ts';

const caller = { requestContext: { authorizer: { lambda: { user: 'alice', project: 'main' } } } };

it('a run that was tried again shows the output of all its submissions, in order, in one reading', async () => {
  const { api, store } = memoryApi();
  const routes = app(api, (error) => {
    throw error;
  });
  const configuration = { type: 'task', commands: ['true'], retry: true };
  const submitted = await routes.request(
    '/v1/runs',
    {
      method: 'POST',
      body: JSON.stringify({ configuration }),
      headers: { 'content-type': 'application/json' },
    },
    { event: caller, lambdaContext: {} },
  );
  const run = runId(((await submitted.json()) as { id: string }).id);
  const id = jobId(run, 0);
  const job = async (decide: (job: JobState) => JobEvent[], at = T0) => {
    const loaded = await store.load(Job, id);
    if (loaded.state === undefined) throw new Error('no job');
    const by = { by: 'test', causation: null, correlation: run };
    await store.append([change(loaded, decide(loaded.state), at)], by);
  };
  const submission = async (number: number, says: string, status: number) => {
    await job((state) => assign(state, INSTANCE, offer(), bundle));
    await job((state) => started(state, number, T0));
    const data = Buffer.from(says);
    if (says !== '') await api.logs.write(submissionId(id, number), { offset: 0, at: T0, data });
    const exit = { cause: 'commands' as const, status, signal: null, log_bytes: data.length, message: null };
    await job((state) => over(state, endingOf(state, exit), T0, 'begun'));
  };
  const read = async (after?: string) => {
    const path = `/v1/runs/${run}/logs${after === undefined ? '' : `?after=${after}`}`;
    return LogList.parse(await (await routes.request(path, {}, { event: caller, lambdaContext: {} })).json());
  };

  await submission(0, 'first\n', 1);
  const first = await read();
  expect(first).toMatchObject({ logs: [{ submission: 0, text: 'first\n' }], done: false });
  // The wait before the retry: nothing more yet, and not the end.
  const waiting = await read(first.next);
  expect(waiting).toMatchObject({ logs: [], done: false });

  await job((state) => backOffOver(state, T0 + 15_000), T0 + 15_000);
  await submission(1, '', 1);
  await job((state) => backOffOver(state, T0 + 60_000), T0 + 60_000);
  await submission(2, 'last\n', 0);
  const last = await read(waiting.next);
  expect(last).toMatchObject({ logs: [{ submission: 2, text: 'last\n' }], done: false });
  expect(await read(last.next)).toMatchObject({ logs: [], done: true });
});
