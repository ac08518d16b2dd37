import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { BusEvent } from '../../infra/local/eventbridge/buses.ts';
import { PATIENCE_MS } from '../patience.ts';
import { final, running, textOf } from './fixtures/client.ts';
import { filesWith } from './fixtures/data-folder.ts';
import { embeddedForFile } from './fixtures/embedded.ts';

const on = embeddedForFile();
const small = { cpu: 2, memory: '1GB..' };

async function finished(configuration: object) {
  const { id } = await on.client.submit({ resources: small, ...configuration });
  return on.client.until(id, 'over', final);
}

test('commands run in order in one shell, and their whole output is kept', async () => {
  const run = await finished({ commands: ['cd /tmp', 'for n in 1 2 3; do echo line $n; done', 'pwd >&2'] });
  expect(run).toMatchObject({ status: 'done', termination_reason: 'all_jobs_done' });
  expect(run.jobs[0]?.submissions).toMatchObject([{ number: 0, status: 'done', exit_status: 0 }]);
  expect(textOf(await on.client.logs(run.id))).toBe('line 1\nline 2\nline 3\n/tmp\n');
});

test('the first command that fails ends the run, with its exit status', async () => {
  const run = await finished({ commands: ['echo before', 'sh -c "exit 7"', 'echo after'] });
  expect(run).toMatchObject({ status: 'failed', termination_reason: 'job_failed' });
  expect(run.jobs[0]?.submissions).toMatchObject([
    { status: 'failed', termination_reason: 'container_exited_with_error', exit_status: 7 },
  ]);
  expect(textOf(await on.client.logs(run.id))).toBe('before\n');
});

test('bytes that are no text, and a line of a megabyte, come back as they were written', async () => {
  const run = await finished({
    commands: ["printf '\\377\\376\\000\\001'", "head -c 1000000 /dev/zero | tr '\\0' x", 'echo'],
  });
  expect(run.status).toBe('done');
  const output = Buffer.concat((await on.client.logs(run.id)).map(({ data }) => data));
  const written = Buffer.concat([
    Buffer.from([255, 254, 0, 1]),
    Buffer.alloc(1_000_000, 'x'),
    Buffer.from('\n'),
  ]);
  expect(output.length).toBe(written.length);
  expect(output.equals(written)).toBe(true);
});

test('the job sees a secret, no store does', async () => {
  const secret = 'k7Qz-the-secret-of-this-test-Wd93';
  const sha256 = createHash('sha256').update(secret).digest('hex');
  const { id } = await on.client.submit({
    env: { SECRET: secret },
    commands: ['printf %s "$SECRET" | sha256sum', 'until test -e go; do sleep 0.05; done'],
    resources: small,
    working_dir: '/tmp',
  });
  await on.client.until(id, 'running', running);
  // While it runs, the bucket alone has it: the sealed environment and the bundle.
  const holders = filesWith(on.dataDir, secret);
  expect(holders).toHaveLength(2);
  expect(holders.filter((file) => !file.startsWith(`${on.dataDir}/s3/`))).toEqual([]);
  await on.client.stop(id, 'graceful');
  await on.client.until(id, 'over', final);
  expect(textOf(await on.client.logs(id))).toContain(sha256);
  await vi.waitFor(() => expect(filesWith(on.dataDir, secret)).toEqual([]), PATIENCE_MS);
});

test('no store keeps the secrets of a container, whatever becomes of it', async () => {
  const [password, licence] = ['p3Kw-a-password-of-this-test-Vb61', 'q8Rt-a-licence-of-this-test-Nm02'];
  const run = await finished({
    // Nothing listens there: the pull fails.
    image: '127.0.0.1:9/app',
    env: { PASSWORD: password },
    registry_auth: { username: 'me', password: '${{ env.PASSWORD }}' },
    container: { env: { LICENCE: licence }, pull_timeout: 30 },
    commands: ['true'],
  });
  expect(run.configuration.container).toMatchObject({ registry_auth: 'sealed', env: ['LICENCE'] });
  for (const secret of [password, licence])
    await vi.waitFor(() => expect(filesWith(on.dataDir, secret)).toEqual([]), PATIENCE_MS);
});

test('the second run takes the instance that the first has left', async () => {
  const own = { commands: ['true'], instance_types: ['c6i.large'] };
  const [first, second] = [await finished(own), await finished(own)];
  expect(first.jobs[0]?.submissions[0]?.instance).toMatch(/^i/);
  expect(second.jobs[0]?.submissions[0]?.instance).toBe(first.jobs[0]?.submissions[0]?.instance);
});

test('an instance that nobody needs for its idle_duration ends', async () => {
  const run = await finished({ commands: ['true'], instance_types: ['c6a.large'], idle_duration: 1 });
  const id = run.jobs[0]?.submissions[0]?.instance;
  on.sortie.host.fire('sync');
  await vi.waitFor(
    async () =>
      expect((await on.client.instances()).find((one) => one.id === id)).toMatchObject({
        status: 'terminated',
        reason: 'idle_duration',
      }),
    { timeout: PATIENCE_MS, interval: 50 },
  );
});

test('every commit of a run reaches the bus', async () => {
  const seen: BusEvent[] = [];
  const [bus = ''] = on.sortie.aws.buses.names().filter((name) => name !== 'default');
  on.sortie.aws.buses.addRule({ bus, pattern: () => true, target: (event) => void seen.push(event) });
  const run = await finished({ commands: ['true'] });
  const told = (await on.client.events(run.id)).filter(
    ({ stream }) => stream.endsWith(run.id) || stream.includes(`${run.id}-`),
  );
  expect(told.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['RunSubmitted', 'JobQueued', 'RunFinished']),
  );
  await vi.waitFor(
    () => {
      const types = seen
        .filter(({ detail }) => JSON.stringify(detail).includes(run.id))
        .map((event) => event['detail-type']);
      expect(types).toEqual(expect.arrayContaining(told.map(({ type }) => type)));
    },
    { timeout: PATIENCE_MS, interval: 20 },
  );
});
