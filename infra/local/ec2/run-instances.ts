import { createHash, randomBytes } from 'node:crypto';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { AwsError } from '../wire/aws-error.ts';
import type { FaultSwitches, Faults } from '../wire/faults.ts';
import type { GroupStore } from './group-store.ts';
import { fateOf } from './ill-luck.ts';
import { checkVolumes } from './images.ts';
import { type Catalogue, type InstanceRecord } from './instance-record.ts';
import { zonesInGroup } from './launch-group.ts';
import { type LaunchRequest, readLaunch, subnetOf } from './launch-request.ts';
import type { QueryTree } from './query-protocol.ts';
import { allowance } from './quota.ts';
import {
  capacityRefusal,
  dryRun,
  refusalOfOffer,
  throttled,
  tokenMismatch,
  tokenOfTerminated,
} from './refusals.ts';
import type { InstanceStore } from './store.ts';

/** `launched` are new and have to be booted; `known` were launched by an earlier call with the same token. */
export type Launch = {
  readonly is: 'launched' | 'known';
  readonly reservation: string;
  readonly instances: readonly InstanceRecord[];
};

export type LaunchContext = {
  readonly store: InstanceStore;
  readonly groups: GroupStore;
  readonly faults: FaultSwitches;
  readonly catalogue: Catalogue;
  readonly zones: readonly string[];
  readonly addressOf: (instance: number) => string;
  readonly now: () => number;
  readonly takesInstances: (count: number) => 'passes' | 'throttled';
};

export function runInstances(call: QueryTree, context: LaunchContext): Result<Launch, AwsError> {
  const { store, faults } = context;
  const read = readLaunch(call, { ...context, unknownProfiles: faults.current.unknownProfiles });
  if (!read.ok) return read;
  const tooSmall = checkVolumes(call, faults.current);
  if (tooSmall) return fail(tooSmall);
  const request = read.value;
  if (request.dryRun === 'yes') return fail(dryRun);

  const earlier = request.token && store.tokenUse(request.token.scope, request.token.name);
  if (request.token && earlier) {
    if (earlier.digest !== request.token.digest) return fail(tokenMismatch);
    const instances = store.inReservation(earlier.reservation);
    if (instances.every(({ state }) => state === 'terminated')) return fail(tokenOfTerminated);
    return ok({ is: 'known', reservation: earlier.reservation, instances });
  }

  const placed = zonesInGroup(request, context);
  if (!placed.ok) return placed;
  const refused = refusedOffer({ ...request, zones: placed.value }, faults.current);
  if (refused) return fail(refused);
  const allowed = allowance(request, store.all(), faults.current);
  if (allowed.instances < request.min && allowed.refusal) return fail(allowed.refusal);
  const zone = zoneWithCapacity({ ...request, zones: placed.value }, faults.current);
  if (!zone.ok) return zone;
  const count = Math.min(request.max, allowed.instances);
  if (context.takesInstances(count) === 'throttled') return fail(throttled);

  const reservation = `r-${hex()}`;
  const instances = Array.from({ length: count }, (_, index) =>
    newInstance(request, context, reservation, zone.value, index),
  );
  const token = request.token && {
    scope: request.token.scope,
    name: request.token.name,
    use: { digest: request.token.digest, reservation },
  };
  store.addLaunch(instances, token);
  return ok({ is: 'launched', reservation, instances });
}

/** The first rule that fits a zone where it may go, if there is one for each of them. */
function refusedOffer({ type, market, zones }: LaunchRequest, faults: Faults): AwsError | undefined {
  const refusals = zones.map((zone) => {
    const rule = faults.offers.find(
      (one) =>
        (one.instanceType ?? type) === type &&
        (one.zone ?? zone) === zone &&
        (one.market ?? market) === market,
    );
    return rule && refusalOfOffer(rule.refusal, type, zone);
  });
  return refusals.every((refusal) => refusal !== undefined) ? refusals[0] : undefined;
}

function zoneWithCapacity(request: LaunchRequest, faults: Faults): Result<string, AwsError> {
  const lackIn = (zone: string) =>
    faults.capacity.find(
      (rule) =>
        (rule.instanceType ?? request.type) === request.type &&
        (rule.zone ?? zone) === zone &&
        (rule.market ?? request.market) === request.market,
    );
  const free = request.zones.find((zone) => !lackIn(zone));
  if (free !== undefined) return ok(free);
  const zone = request.zones[0] ?? '';
  const others = request.facts.zones.filter((other) => other !== zone && !lackIn(other));
  return fail(
    capacityRefusal(lackIn(zone)?.code ?? 'InsufficientInstanceCapacity', request.type, zone, others),
  );
}

function newInstance(
  request: LaunchRequest,
  { store, faults, addressOf, now }: LaunchContext,
  reservation: string,
  zone: string,
  launchIndex: number,
): InstanceRecord {
  const number = store.nextNumber() + launchIndex;
  return {
    id: `i-${hex()}`,
    number,
    reservation,
    launchIndex,
    clientToken: request.token?.name ?? null,
    imageId: resolveImage(request.imageId),
    type: request.type,
    vcpus: request.facts.vcpus,
    architecture: request.facts.architecture ?? 'x86_64',
    zone,
    subnetId: subnetOf(zone),
    privateIp: addressOf(number),
    group: request.group,
    market: request.market,
    spotRequest: request.market === 'spot' ? `sir-${hex().slice(0, 8)}` : null,
    tags: request.tags,
    securityGroups: request.securityGroups,
    profile: request.profile,
    keyName: request.keyName,
    shutdownBehavior: request.shutdownBehavior,
    metadata: request.metadata,
    userData: request.userData,
    launchedAt: now(),
    fate: fateOf(request.type, number, faults.current),
    state: 'pending',
    stateReason: { code: 'pending', message: 'pending' },
    transitionReason: '',
    process: null,
    interruptedAt: null,
    terminatedAt: null,
  };
}

/** The 17 hexadecimal digits of EC2's ids. */
const hex = (): string => randomBytes(9).toString('hex').slice(0, 17);

const resolveImage = (image: string): string =>
  image.startsWith('resolve:')
    ? `ami-${createHash('sha256').update(image).digest('hex').slice(0, 17)}`
    : image;
