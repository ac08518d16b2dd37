import * as z from 'zod';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { WireReply, WireRequest } from './http.ts';
import { parseJson } from './parse-json.ts';

const milliseconds = z.number().int().nonnegative();
const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const bucket = z.strictObject({ burst: z.number().positive(), perSecond: z.number().nonnegative() });

/** What EC2 says when it has no room: {@link https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html} */
const capacityCode = z.enum([
  'InsufficientInstanceCapacity',
  'InsufficientHostCapacity',
  'InsufficientReservedInstanceCapacity',
  'UnfulfillableCapacity',
  'SpotMaxPriceTooLow',
  'ReservationCapacityExceeded',
]);

/** How EC2 refuses an offer that another may serve: `infra/local/ec2/refusals.ts` has the words of each. */
export const offerRefusal = z.enum([
  'free-tier',
  'virtualization',
  'ena',
  'architecture',
  'unsupported',
  'unencrypted',
  'no-default-subnet',
  'denied',
  'undocumented',
]);
export type OfferRefusal = z.infer<typeof offerRefusal>;

/**
 * How a launch goes. `internal-error`, `no-capacity`, `key-refused`, `volume-limit`, `spot-taken-back`: EC2 ends it while it
 * is pending, and says so in its StateReason. `never-registers`: no agent of it ever reaches SSM, and its user data waits for that in vain.
 * `crashes`: everything on it ends at once, `crashAfterMs` after its launch. `disk-full`: it comes up, and no job can begin there.
 */
const boot = z.enum([
  'normal',
  'never-running',
  'internal-error',
  'no-capacity',
  'key-refused',
  'volume-limit',
  'spot-taken-back',
  'never-registers',
  'crashes',
  'disk-full',
]);
export type Boot = z.infer<typeof boot>;

/** EC2's vCPU quotas are per bucket of families, on-demand and spot apart. */
export const quotaFamilySchema = z.enum(['standard', 'f', 'g', 'inf', 'p', 'trn', 'x', 'dl', 'hpc', 'u']);
export type QuotaFamily = z.infer<typeof quotaFamilySchema>;

export const faultsSchema = z.strictObject({
  /** The first rule that fits a launch refuses it; a field left out fits everything. */
  capacity: z
    .array(
      z.strictObject({
        instanceType: z.string().optional(),
        zone: z.string().optional(),
        market: z.enum(['spot', 'on-demand']).optional(),
        code: capacityCode.default('InsufficientInstanceCapacity'),
      }),
    )
    .default([]),
  /** As `capacity`: offers that are refused for what they are, or where. */
  offers: z
    .array(
      z.strictObject({
        instanceType: z.string().optional(),
        zone: z.string().optional(),
        market: z.enum(['spot', 'on-demand']).optional(),
        refusal: offerRefusal,
      }),
    )
    .default([]),
  vcpuQuota: z
    .strictObject({
      total: count.optional(),
      onDemand: z.partialRecord(quotaFamilySchema, count).default({}),
      spot: z.partialRecord(quotaFamilySchema, count).default({}),
    })
    .default({ onDemand: {}, spot: {} }),
  instanceLimit: count.nullable().default(null),
  /** Token buckets by operation, for instance `RunInstances`; `RunInstances:instances` counts instances. */
  throttle: z.record(z.string(), bucket).default({}),
  /** Instance profiles that IAM has not spread to EC2 yet. */
  unknownProfiles: z.array(z.string()).default([]),
  boot: boot.default('normal'),
  /** The same for one instance type. */
  bootOfType: z.record(z.string(), boot).default({}),
  /** Shares of the new instances that go otherwise than `boot` says; `seed` decides which. */
  bootShares: z.partialRecord(boot, share).default({}),
  crashAfterMs: milliseconds.default(2_000),
  /** Shares of the calls that fail, the SDK's repeats included, having done nothing; `seed` decides which. */
  failingCalls: z
    .partialRecord(
      z.enum([
        'RunInstances',
        'TerminateInstances',
        'CreateTags',
        'DeleteTags',
        'DescribeImages',
        'DescribeInstances',
        'CreatePlacementGroup',
        'DeletePlacementGroup',
        'DescribeAvailabilityZones',
        'DescribeInstanceTypes',
        'DescribeInstanceTypeOfferings',
        'DescribeSpotPriceHistory',
      ]),
      share,
    )
    .default({}),
  /** The share of the calls of DynamoDB that conflict, are throttled, left unprocessed or fail; `seed` decides which and how. */
  busyStore: share.default(0.002),
  seed: count.default(1),
  bootDelayMs: milliseconds.default(0),
  /**
   * How long after its start an instance's agent registers, and its user data begins: for one half at once, for the others
   * up to so much later. `seed` decides, for each of the two, so that either comes first.
   */
  agentWithinMs: milliseconds.default(150),
  userDataWithinMs: milliseconds.default(150),
  /** The share of instances that would start normally, and whose agent never registers. */
  neverRegisters: share.default(0.005),
  agentDelayMs: milliseconds.default(0),
  /** Agents cut off from SSM: `new` ones never register, `all` are lost, or the listed instances. */
  agentsLost: z.union([z.enum(['none', 'new', 'all']), z.array(z.string())]).default('none'),
  /** Machines on which nothing moves any more, for good, though EC2 shows them as running. */
  hung: z.array(z.string()).default([]),
  /** Instances to which IAM lets nobody send commands, as if their tag were missing. */
  deniedCommands: z.array(z.string()).default([]),
  commandDelivery: z.enum(['once', 'twice']).default('once'),
  /** How many of the next replies get lost, after the work was done. */
  lostReplies: z
    .partialRecord(
      z.enum([
        'RunInstances',
        'TerminateInstances',
        'CreateTags',
        'SendCommand',
        'CreatePlacementGroup',
        'DeletePlacementGroup',
      ]),
      count,
    )
    .default({}),
  /** Instances that get a spot interruption warning, and are terminated `spotWarningMs` later. */
  spotInterruptions: z.array(z.string()).default([]),
  spotWarningMs: milliseconds.default(120_000),
  /** Services that answer no call at all. */
  outage: z.array(z.enum(['ec2', 'ssm', 'pricing'])).default([]),
  /** $/h by instance type, in place of the catalogue's; on spot in all of its zones. */
  prices: z
    .strictObject({
      onDemand: z.record(z.string(), z.number().nonnegative()).default({}),
      spot: z.record(z.string(), z.number().nonnegative()).default({}),
      /** Of disks, addresses and CPU credits, by usage type without its region. */
      rates: z.record(z.string(), z.number().nonnegative()).default({}),
    })
    .default({ onDemand: {}, spot: {}, rates: {} }),
  /** AMIs that are not like AWS's own: the device of their root volume, and the GiB of its snapshot. */
  images: z
    .record(z.string(), z.strictObject({ root: z.string(), gib: z.number().int().positive() }))
    .default({}),
  instanceVisibleAfterMs: milliseconds.default(0),
  /** GetCommandInvocation says InvocationDoesNotExist for about this long after SendCommand. */
  invocationVisibleAfterMs: milliseconds.default(400),
  terminatedVisibleMs: milliseconds.default(3_600_000),
  connectionLostAfterMs: milliseconds.default(300_000),
  /** How long one second of SSM's timeouts lasts. */
  timeoutSecondMs: z.number().positive().default(1000),
});

export type Faults = z.infer<typeof faultsSchema>;

/** The switches of the embedded EC2, SSM and DynamoDB. They may share one. */
export type FaultSwitches = {
  readonly current: Faults;
  change(patch: unknown): Result<Faults, string>;
  onChange(listener: () => void): void;
  /** True once for each lost reply that is still due. */
  losesReply(operation: keyof Faults['lostReplies']): boolean;
};

export function createFaults(initial: Partial<z.input<typeof faultsSchema>> = {}): FaultSwitches {
  let current = faultsSchema.parse(initial);
  const listeners: (() => void)[] = [];
  return {
    get current() {
      return current;
    },
    change(patch) {
      const parsed = faultsSchema.safeParse(
        typeof patch === 'object' && patch !== null && !Array.isArray(patch)
          ? { ...current, ...patch }
          : patch,
      );
      if (!parsed.success) return fail(z.prettifyError(parsed.error));
      current = parsed.data;
      for (const listener of listeners) listener();
      return ok(current);
    },
    onChange: (listener) => void listeners.push(listener),
    losesReply(operation) {
      const left = current.lostReplies[operation] ?? 0;
      if (left === 0) return false;
      current = { ...current, lostReplies: { ...current.lostReplies, [operation]: left - 1 } };
      return true;
    },
  };
}

export const faultsPath = '/_sortie/faults';

/** GET shows every switch; PUT merges the fields given into it. */
export function answerFaults(faults: FaultSwitches, request: WireRequest): WireReply {
  if (request.method === 'GET') return json(200, faults.current);
  if (request.method !== 'PUT') return json(405, { error: `${faultsPath} takes GET and PUT` });
  const patch = parseJson(request.body);
  if (!patch.ok) return json(400, { error: patch.error });
  const changed = faults.change(patch.value);
  return changed.ok ? json(200, changed.value) : json(400, { error: changed.error });
}

const json = (status: number, content: object): WireReply => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(content),
});
