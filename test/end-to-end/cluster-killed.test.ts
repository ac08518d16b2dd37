import { expect, test, vi } from 'vitest';
import { openLocalDatabase } from '../../infra/local/database.ts';
import { openGroupStore } from '../../infra/local/ec2/group-store.ts';
import { PATIENCE_MS } from '../patience.ts';
import { clientOf, final } from './fixtures/client.ts';
import { ec2Of, groupsIn } from './fixtures/placement-groups.ts';
import { successors } from './fixtures/successors.ts';
import { typed } from './fixtures/typed.ts';

const sorties = successors({ clockRate: 10 });
const awhile = { timeout: PATIENCE_MS, interval: 50 };

test('kill -9 between the creation of a group and its record leaves nothing, and the run goes on in it', async () => {
  // The group is made, and nobody can find out: its reply is lost, and the repeated call is told that the name is taken.
  const faults = {
    lostReplies: { CreatePlacementGroup: 1 },
    throttle: { DescribePlacementGroups: { burst: 0.5, perSecond: 0 } },
  };
  const at = await sorties.answering(faults);
  expect(await typed(at, 'apply', '-f', 'examples/cluster.yaml', '-y')).toMatchObject({ code: 0 });
  const { id } = await clientOf(at).submit({
    fleets: ['close'],
    resources: { cpu: 2, memory: '1GB..' },
    commands: ['true'],
  });
  const database = openLocalDatabase(sorties.dataDir);
  const store = openGroupStore(database);
  await vi.waitFor(() => expect(store.all()).toHaveLength(1), awhile);
  await sorties.kill();
  const [made] = store.all();
  database.close();

  const sortie = await sorties.last();
  const [client, ec2] = [clientOf(sortie), ec2Of(sortie)];
  expect((await client.until(id, 'over', final)).status).toBe('done');
  expect((await groupsIn(ec2)).map(({ GroupName }) => GroupName)).toEqual([made?.name]);
  expect(await typed(sortie, 'fleet', 'delete', 'close', '-y')).toMatchObject({ code: 0 });
  await vi.waitFor(async () => expect(await groupsIn(ec2)).toEqual([]), awhile);
  await vi.waitFor(
    async () => expect((await client.instances()).map(({ status }) => status)).toEqual(['terminated']),
    awhile,
  );
  expect(await typed(sortie, 'verify', '--data', sorties.dataDir)).toMatchObject({ code: 0 });
});
