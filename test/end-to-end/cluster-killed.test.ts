import { afterAll, expect, test, vi } from 'vitest';
import { openLocalDatabase } from '../../infra/local/database.ts';
import { openGroupStore } from '../../infra/local/ec2/group-store.ts';
import { type EmbeddedSortie, startEmbedded } from '../../infra/local/embedded-sortie.ts';
import { PATIENCE_MS } from '../patience.ts';
import { clientOf, final } from './fixtures/client.ts';
import { clearAway, dataFolder } from './fixtures/data-folder.ts';
import { type Killable, startKillable } from './fixtures/killable.ts';
import { ec2Of, groupsIn } from './fixtures/placement-groups.ts';
import { typed } from './fixtures/typed.ts';

const dataDir = dataFolder();
let killable: Killable | undefined;
let last: EmbeddedSortie | undefined;
afterAll(async () => {
  try {
    await killable?.kill();
    await last?.close('end');
  } finally {
    await clearAway(dataDir);
  }
});

const awhile = { timeout: PATIENCE_MS, interval: 50 };

test('kill -9 between the creation of a group and its record leaves nothing, and the run goes on in it', async () => {
  // The group is made, and nobody can find out: its reply is lost, and the repeated call is told that the name is taken.
  const faults = {
    lostReplies: { CreatePlacementGroup: 1 },
    throttle: { DescribePlacementGroups: { burst: 0.5, perSecond: 0 } },
  };
  killable = startKillable(dataDir, { clockRate: 10, faults });
  const at = await killable.ready;
  if (at === null) throw new Error('it ended by itself');
  expect(await typed(at, 'apply', '-f', 'examples/cluster.yaml', '-y')).toMatchObject({ code: 0 });
  const { id } = await clientOf(at).submit({
    fleets: ['close'],
    resources: { cpu: 2, memory: '1GB..' },
    commands: ['true'],
  });
  const database = openLocalDatabase(dataDir);
  const store = openGroupStore(database);
  await vi.waitFor(() => expect(store.all()).toHaveLength(1), awhile);
  await killable.kill();
  const [made] = store.all();
  database.close();

  const sortie = await startEmbedded({ port: 0, dataDir, clockRate: 10 });
  last = sortie;
  const [client, ec2] = [clientOf(sortie), ec2Of(sortie)];
  expect((await client.until(id, 'over', final)).status).toBe('done');
  expect((await groupsIn(ec2)).map(({ GroupName }) => GroupName)).toEqual([made?.name]);
  expect(await typed(sortie, 'fleet', 'delete', 'close', '-y')).toMatchObject({ code: 0 });
  await vi.waitFor(async () => expect(await groupsIn(ec2)).toEqual([]), awhile);
  await vi.waitFor(
    async () => expect((await client.instances()).map(({ status }) => status)).toEqual(['terminated']),
    awhile,
  );
  expect(await typed(sortie, 'verify', '--data', dataDir)).toMatchObject({ code: 0 });
});
