import { expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../patience.ts';
import { final, running, textOf } from './fixtures/client.ts';
import { embeddedForFile } from './fixtures/embedded.ts';

const on = embeddedForFile();

async function begun(configuration: object) {
  const { id } = await on.client.submit({ resources: { cpu: 2, memory: '1GB..' }, ...configuration });
  return on.client.until(id, 'running', running);
}

/** A run that says when its commands have come as far as to be stopped. */
async function readyToStop(configuration: object) {
  const run = await begun(configuration);
  await vi.waitFor(async () => expect(textOf(await on.client.logsSoFar(run.id))).toContain('ready'), {
    timeout: PATIENCE_MS,
    interval: 20,
  });
  return run;
}

test('a job that obeys TERM ends by itself, and its last words are kept', async () => {
  const { id } = await readyToStop({
    commands: ["trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done"],
  });
  await on.client.stop(id, 'graceful');
  const run = await on.client.until(id, 'over', final);
  expect(run).toMatchObject({ status: 'terminated', termination_reason: 'stopped_by_user' });
  expect(run.jobs[0]?.submissions).toMatchObject([{ termination_reason: 'terminated_by_user' }]);
  // The whole group gets the TERM, so bash tells of its `sleep` in between.
  expect(textOf(await on.client.logs(id))).toMatch(/^ready\n[^]*bye\n$/);
});

test('a job that ignores TERM is killed after stop_duration', async () => {
  const { id } = await readyToStop({
    commands: ["trap '' TERM; echo ready; while :; do sleep 0.05; done"],
    stop_duration: 1,
  });
  await on.client.stop(id, 'graceful');
  const run = await on.client.until(id, 'over', final);
  expect(run).toMatchObject({ status: 'terminated', termination_reason: 'stopped_by_user' });
  expect(run.jobs[0]?.submissions).toMatchObject([{ signal: 'SIGKILL', exit_status: null }]);
});

test('an abort does not wait for the job, and its instance goes with it', async () => {
  const { id } = await readyToStop({ commands: ["trap '' TERM; echo ready; while :; do sleep 0.05; done"] });
  await on.client.stop(id, 'abort');
  const run = await on.client.until(id, 'over', final);
  expect(run).toMatchObject({ status: 'aborted', termination_reason: 'aborted_by_user' });
  const instance = run.jobs[0]?.submissions[0]?.instance;
  await vi.waitFor(
    async () =>
      expect((await on.client.instances()).find((one) => one.id === instance)).toMatchObject({
        status: 'terminated',
        reason: 'aborted_by_user',
      }),
    { timeout: PATIENCE_MS, interval: 50 },
  );
});

test('a job over its max_duration is stopped', async () => {
  const { id } = await begun({
    commands: ['while :; do sleep 0.05; done'],
    max_duration: 1,
    stop_duration: 1,
  });
  const run = await on.client.until(id, 'over', final);
  expect(run).toMatchObject({ status: 'terminated', termination_reason: 'max_duration_exceeded' });
  expect(run.jobs[0]?.submissions).toMatchObject([{ termination_reason: 'max_duration_exceeded' }]);
});
