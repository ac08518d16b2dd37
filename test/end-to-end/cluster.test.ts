import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { expect, test, vi } from 'vitest';
import { PATIENCE_MS } from '../patience.ts';
import { final, running } from './fixtures/client.ts';
import { embeddedForFile } from './fixtures/embedded.ts';
import { ec2Of, groupsIn } from './fixtures/placement-groups.ts';
import { typed } from './fixtures/typed.ts';

const on = embeddedForFile();
const awhile = { timeout: PATIENCE_MS, interval: 50 };

test('two nodes of a cluster are in its placement group, which is there while they are and goes with the fleet', async () => {
  const { sortie, client } = on;
  const ec2 = ec2Of(sortie);
  const go = join(on.marks, 'go');
  expect(await typed(sortie, 'apply', '-f', 'examples/cluster.yaml', '-y')).toMatchObject({ code: 0 });
  expect(await groupsIn(ec2)).toEqual([]);
  const { id } = await client.submit({
    ...{ nodes: 2, fleets: ['close'], resources: { cpu: 2, memory: '1GB..' } },
    commands: [`until test -e ${go}; do sleep 0.05; done`],
  });
  await client.until(id, 'running', running);

  const [group, ...others] = await groupsIn(ec2);
  expect(others).toEqual([]);
  expect(group).toMatchObject({
    Strategy: 'cluster',
    GroupName: expect.stringMatching(/^sortie-local-close-/),
  });
  expect(group?.Tags).toContainEqual({ Key: 'sortie:fleet', Value: 'close' });
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand());
  const placed = Reservations.flatMap(({ Instances = [] }) => Instances).map(({ Placement }) => Placement);
  expect(placed.map((one) => one?.GroupName)).toEqual([group?.GroupName, group?.GroupName]);
  expect(new Set(placed.map((one) => one?.AvailabilityZone)).size).toBe(1);
  const { stdout } = await typed(sortie, 'fleet', 'show', 'close');
  expect(stdout).toContain(`placement group: ${group?.GroupName}, in ${placed[0]?.AvailabilityZone}`);

  expect(await typed(sortie, 'fleet', 'delete', 'close', '-y')).toMatchObject({ code: 1 });
  writeFileSync(go, '');
  expect((await client.until(id, 'over', final)).status).toBe('done');
  expect(await groupsIn(ec2)).toHaveLength(1);
  expect(await typed(sortie, 'fleet', 'delete', 'close', '-y')).toMatchObject({ code: 0 });
  await vi.waitFor(async () => expect(await groupsIn(ec2)).toEqual([]), awhile);
});
