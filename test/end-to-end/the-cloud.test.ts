import { expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../patience.ts';
import { final, running } from './fixtures/client.ts';
import { embeddedForFile } from './fixtures/embedded.ts';

const on = embeddedForFile();

test('a run that no offer fits fails with the reason and the nearest, and launches nothing', async () => {
  const before = await on.client.instances();
  const { id } = await on.client.submit({ commands: ['true'], resources: { cpu: 5000 } });
  const run = await on.client.until(id, 'over', final);
  expect(run).toMatchObject({ status: 'failed', termination_reason: 'job_failed' });
  expect(run.jobs[0]).toMatchObject({
    termination_reason: 'failed_to_start_due_to_no_capacity',
    submissions: [],
  });
  expect(run.jobs[0]?.message).toMatch(/no offer fits .*nearest: .*asked 5000/);
  expect(await on.client.instances()).toEqual(before);
});

test('where EC2 has no room the next offer is tried, and each attempt is on record with its code', async () => {
  const own = { commands: ['true'], instance_types: ['c5.large'], resources: { cpu: 2, memory: '1GB..' } };
  const { plan } = await on.client.plan(own);
  const [first, second, third] = plan.offers;
  on.sortie.aws.faults.change({
    capacity: [
      { instanceType: first?.instance_type, zone: first?.zone },
      { instanceType: second?.instance_type, zone: second?.zone, code: 'UnfulfillableCapacity' },
    ],
  });
  const { id } = await on.client.submit(own);
  const run = await on.client.until(id, 'over', final);
  on.sortie.aws.faults.change({ capacity: [] });
  expect(run.status).toBe('done');
  expect(run.jobs[0]?.submissions).toMatchObject([{ number: 0, offer: { zone: third?.zone } }]);
  const refused = (await on.client.events(id)).filter(({ type }) => type === 'OfferRefused');
  expect(refused.map(({ data }) => data)).toMatchObject([
    { offer: { zone: first?.zone }, refusal: { class: 'capacity', code: 'InsufficientInstanceCapacity' } },
    { offer: { zone: second?.zone }, refusal: { class: 'capacity', code: 'UnfulfillableCapacity' } },
  ]);
});

const refusalsOf = async (id: string) =>
  (await on.client.events(id)).flatMap(({ type, data }) => (type === 'OfferRefused' ? [data] : []));

test('where EC2 refuses an offer for what it is, the next is tried', async () => {
  const own = { commands: ['true'], instance_types: ['m5.large'], resources: { cpu: 2, memory: '1GB..' } };
  const [first, second, third, fourth] = (await on.client.plan(own)).plan.offers;
  on.sortie.aws.faults.change({
    offers: [
      { instanceType: 'm5.large', zone: first?.zone, refusal: 'denied' },
      { instanceType: 'm5.large', zone: second?.zone, refusal: 'undocumented' },
      { instanceType: 'm5.large', zone: third?.zone, refusal: 'no-default-subnet' },
    ],
  });
  const { id } = await on.client.submit(own);
  const run = await on.client.until(id, 'over', final);
  on.sortie.aws.faults.change({ offers: [] });
  expect(run).toMatchObject({
    status: 'done',
    jobs: [{ submissions: [{ number: 0, offer: { zone: fourth?.zone } }] }],
  });
  expect(await refusalsOf(id)).toMatchObject([
    { refusal: { class: 'unclassified', code: 'UnauthorizedOperation' } },
    { refusal: { class: 'unclassified', code: 'InstanceTypeRetired' } },
    { refusal: { class: 'network', code: 'InvalidInput' } },
  ]);
});

test('where EC2 takes a launch back, its reason is the refusal, and another type is tried after two zones', async () => {
  const own = {
    commands: ['true'],
    instance_types: ['r5.large', 'r5d.large'],
    resources: { cpu: 2, memory: '1GB..' },
    spot_policy: 'on-demand',
  };
  const [first] = (await on.client.plan(own)).plan.offers;
  const type = first?.instance_type ?? '';
  // Later than the answer to RunInstances is on record, as EC2 does it: what is heard before that is nobody's.
  on.sortie.aws.faults.change({ bootOfType: { [type]: 'key-refused' }, bootDelayMs: 500 });
  const { id } = await on.client.submit(own);
  const run = await on.client.until(id, 'over', final);
  on.sortie.aws.faults.change({ bootOfType: {}, bootDelayMs: 0 });
  expect(run.status).toBe('done');
  const [served] = run.jobs[0]?.submissions ?? [];
  expect(served?.number).toBe(0);
  expect(served?.offer?.instance_type).not.toBe(type);
  const taken = {
    offer: { instance_type: type },
    refusal: { class: 'unclassified', code: 'Client.InternalError' },
  };
  expect(await refusalsOf(id)).toMatchObject([taken, taken]);
});

test('a job on a spot instance that is taken back is stopped in time, and says why', async () => {
  const { id } = await on.client.submit({
    commands: ["trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done"],
    spot_policy: 'spot',
  });
  const begun = await on.client.until(id, 'running', running);
  const instance = begun.jobs[0]?.submissions[0]?.instance;
  const ec2 = (await on.client.instances()).find((one) => one.id === instance)?.ec2_id;
  on.sortie.aws.faults.change({ spotInterruptions: [ec2], spotWarningMs: 3_000 });
  const run = await on.client.until(id, 'over', final);
  on.sortie.aws.faults.change({ spotInterruptions: [] });
  expect(run).toMatchObject({ status: 'failed', termination_reason: 'job_failed' });
  expect(run.jobs[0]?.submissions).toMatchObject([{ termination_reason: 'interrupted_by_no_capacity' }]);
  await vi.waitFor(
    async () =>
      expect((await on.client.instances()).find((one) => one.id === instance)?.status).toBe('terminated'),
    { timeout: PATIENCE_MS, interval: 50 },
  );
});
