import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Fleet } from '../domain/fleet/stream.ts';
import type { InstanceEvent } from '../domain/instance/events.ts';
import { Instance } from '../domain/instance/stream.ts';
import { FleetName, type InstanceId, instanceId, jobId, runId } from '../domain/kernel/ids.ts';
import { type Instant, SECOND } from '../domain/kernel/instant.ts';
import { type Change, change, type DomainEvent, type Stream } from '../domain/kernel/stream.ts';
import { OfferTerms } from '../domain/planning/offer.ts';
import { commitItem, headItem } from '../infra/dynamodb/items.ts';
import type { World } from '../test/fakes/world.ts';

/** What one commit has room for, of the 400 KB that an item of DynamoDB's may have: here a fleet reserves all of them at once. */
const IN_A_FLEET = 1_000;
/** How many of all are due at each pass: they boot, and their agent is looked for. */
const BOOTING = 10;
/** What BatchWriteItem takes at most. */
const BATCH = 25;

const offer = OfferTerms.parse({
  instance_type: 'm5.xlarge',
  region: 'us-east-1',
  zone: 'us-east-1a',
  spot: 'on-demand',
  price: 0.192,
  resources: { cpus: 4, memory_mib: 16_384, gpus: [], disk_gib: 100, arch: 'x86_64' },
});

/**
 * Puts `count` instances on record, and machines for them in the world: ten boot since `at`, of the others every third is
 * idle for good, the rest busy. As many fleets as it takes.
 */
export async function seedInstances(
  client: DynamoDBDocumentClient,
  table: string,
  world: World,
  count: number,
  at: Instant,
): Promise<void> {
  const items: Record<string, unknown>[] = [];
  for (let first = 0; first < count; first += IN_A_FLEET) {
    const fleet = FleetName.parse(`bench-${first / IN_A_FLEET}`);
    const members = Array.from({ length: Math.min(IN_A_FLEET, count - first) }, (_, n) => first + n);
    const changes = [fleetOf(fleet, members, at), ...members.map((n) => instanceOf(fleet, n, world, at))];
    items.push(...changes.flatMap((one) => [commitItem(one, provenance), headItem(one)]));
  }
  while (items.length > 0) {
    const requests = items.splice(0, BATCH).map((Item) => ({ PutRequest: { Item } }));
    const { UnprocessedItems } = await client.send(
      new BatchWriteCommand({ RequestItems: { [table]: requests } }),
    );
    items.push(...(UnprocessedItems?.[table] ?? []).flatMap(({ PutRequest }) => PutRequest?.Item ?? []));
  }
}

const provenance = { by: 'bench', causation: null, correlation: 'bench' };
const id = (n: number): string => String(n).padStart(26, '0');
const claimOf = (n: number) => ({ job: jobId(runId(id(n)), 0), submission: 0 });

const begun = <S, E extends DomainEvent>(
  stream: Stream<S, E>,
  name: string,
  events: readonly E[],
  at: Instant,
): Change => change({ stream, id: name, version: 0, state: undefined }, events, at);

const fleetOf = (fleet: FleetName, members: readonly number[], at: Instant): Change =>
  begun(
    Fleet,
    fleet,
    [
      { type: 'FleetCreated', project: 'main', limits: { instances: IN_A_FLEET } },
      ...members.map((n) => ({
        type: 'LaunchReserved' as const,
        instance: instanceId(id(n)),
        job: claimOf(n).job,
        submission: 0,
        offer,
      })),
    ],
    at,
  );

function instanceOf(fleet: FleetName, n: number, world: World, at: Instant): Change {
  const instance: InstanceId = instanceId(id(n));
  const nonce = `nonce-${n}`;
  const { ec2 } = world.add({ instance, fleet, offer, nonce, tags: {}, group: null });
  if (n >= BOOTING) world.boot(ec2);
  const life: InstanceEvent[] = [
    {
      type: 'InstanceRequested',
      fleet,
      project: 'main',
      offer,
      claim: claimOf(n),
      nonce,
      idle_duration: null,
      tags: {},
    },
    { type: 'InstanceLaunched', ec2 },
    ...(n >= BOOTING ? [{ type: 'InstanceReady' as const }] : []),
    ...(n >= BOOTING && n % 3 === 0 ? [{ type: 'InstanceReleased' as const, claim: claimOf(n) }] : []),
  ];
  return begun(Instance, instance, life, at - 20 * SECOND);
}
