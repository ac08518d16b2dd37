import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../patience.ts';
import { final, running } from './fixtures/client.ts';
import { embeddedForFile } from './fixtures/embedded.ts';
import { nodesOfFleet } from './fixtures/nodes-of-fleet.ts';

const on = embeddedForFile();

test('a fleet changed from 2 to 4 vCPUs replaces its node once its run has ended, and the next run has the new one', async () => {
  const small = { name: 'grows', nodes: 1, resources: { cpu: 2, memory: '1GB..' }, idle_duration: 'off' };
  const large = { ...small, resources: { cpu: 4, memory: '1GB..' } };
  await on.client.applyFleet(small);
  const [old] = await nodesOfFleet(on, 'grows', 1);
  const end = join(on.marks, 'the-run-may-end');
  const task = { fleets: ['grows'], resources: { cpu: '1..', memory: '1GB..' } };
  const first = await on.client.submit({
    ...task,
    commands: [`until [ -e ${end} ]; do sleep 0.1; done`, 'echo over'],
  });
  await on.client.until(first.id, 'running', running);

  const plan = await on.client.planFleet(large);
  expect(plan.leaving).toMatchObject([
    {
      id: old?.id,
      status: 'busy',
      jobs: [`${first.id.replace(/^r/, '')}-0`],
      why: 'resources.cpu: the fleet asks for 4, and this has 2',
    },
  ]);
  await on.client.applyFleet(large);
  const second = await on.client.submit({ ...task, commands: ['nproc'] });
  writeFileSync(end, '');
  for (const { id } of [first, second])
    expect(await on.client.until(id, 'over', final)).toMatchObject({ status: 'done' });

  const [node] = await nodesOfFleet(on, 'grows', 1);
  const all = (await on.client.instances()).filter(({ fleet }) => fleet === 'grows');
  expect(all.find(({ id }) => id === node?.id)).toMatchObject({ behavior: 'run' });
  await vi.waitFor(
    async () => {
      const then = (await on.client.instances()).find(({ id }) => id === old?.id);
      expect(then).toMatchObject({ status: 'terminated', operator: { by: 'sortie' } });
    },
    { timeout: PATIENCE_MS, interval: 100 },
  );
  expect((await on.client.run(first.id)).jobs[0]?.submissions).toHaveLength(1);
  expect((await on.client.planFleet(large)).leaving).toEqual([]);
});
