import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  EC2Client,
  type EC2ClientConfig,
  type Filter,
  type Instance,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Cloud, LaunchIntent, LaunchOutcome, ListedInstance } from '../../domain/instance/cloud.ts';
import type { Refusal } from '../../domain/job/events.ts';
import type { Runtime } from '../../domain/kernel/runtime.ts';
import { imageOf } from '../../domain/planning/candidate.ts';
import { imageNeeded } from '../../domain/planning/image.ts';
import { type Hear, hearing, perRequest } from '../metrics/per-request.ts';
import { timeouts } from '../timeouts.ts';
import { callRate } from './call-rate.ts';
import { classifyEc2Error, type Ec2Error, endOf } from './error-classes.ts';
import { type BootImage, bootImages, likeAws } from './images.ts';
import { type Ec2CloudConfig, launchRequest, type Place, placesIn } from './launch-request.ts';
import { placementGroups } from './placement-groups.ts';

// A new instance profile reaches EC2 within seconds, mostly; what takes longer is asked for again later.
const CONSISTENCY_PAUSES = [1_000, 2_000, 4_000, 8_000];

// RunInstances: 5 requests at once, then as many as its bucket is refilled with, 2/s unless the account has more.
const RUN_INSTANCES_BURST = 5;

/**
 * EC2 as the domain needs it. Throws, with the cause, where the outcome is unknown: a timeout, a lost reply, EC2's own
 * failure, or credentials that it does not take.
 */
export function ec2Cloud(
  config: Ec2CloudConfig,
  runtime: Pick<Runtime, 'now' | 'pause'>,
  settings: EC2ClientConfig = {},
  hear: Hear = () => {},
): Cloud {
  const common = { region: config.region, requestHandler: timeouts(20_000), ...settings };
  // The SDK would retry InsufficientInstanceCapacity by itself, as any 5xx, and hold up the next offer.
  const launches = new EC2Client({ ...common, maxAttempts: 1 });
  const client = new EC2Client(common);
  const told = hearing(hear, (error) => classifyEc2Error(error).class);
  launches.middlewareStack.addRelativeTo(told, perRequest);
  client.middlewareStack.addRelativeTo(told, perRequest);
  const { launchesPerSecond, callsPerSecond } = config;
  const launchRate = callRate(
    { burst: Math.max(RUN_INSTANCES_BURST, launchesPerSecond), perSecond: launchesPerSecond },
    runtime,
  );
  const rate = callRate({ burst: callsPerSecond, perSecond: callsPerSecond }, runtime);
  const describeImage = bootImages(client, rate);
  // Whoever waits for its turn when EC2 throttles another launch does not ask before it has looked for how long.
  let throttled: { readonly code: string } | undefined;

  async function turn(): Promise<'ask' | 'look-again'> {
    const before = throttled;
    await Promise.all([launchRate.take(), rate.take()]);
    return throttled === before ? 'ask' : 'look-again';
  }

  async function launchAt(intent: LaunchIntent, image: BootImage, place: Place): Promise<LaunchOutcome> {
    const request = new RunInstancesCommand(launchRequest(config, intent, image, place));
    const pauses = CONSISTENCY_PAUSES.values();
    for (;;) {
      if ((await turn()) === 'look-again') return { kind: 'withheld' };
      try {
        const { Instances: [launched] = [] } = await launches.send(request);
        if (launched?.InstanceId === undefined) throw new Error('RunInstances answered without an instance');
        return { kind: 'launched', ec2: launched.InstanceId };
      } catch (error) {
        const refusal = classifyEc2Error(error);
        if (refusal.class === 'unknown') throw unknownOutcome(intent, refusal, error);
        if (refusal.class === 'throttle') {
          throttled = { code: refusal.code };
          return { kind: 'throttled', ...throttled };
        }
        if (refusal.class !== 'consistency') return { kind: 'refused', refusal: refusalOf(refusal) };
        const { value: pause } = pauses.next();
        if (pause === undefined) {
          const { code, message } = refusal;
          return { kind: 'inconsistent', refusal: { code, message } };
        }
        await runtime.pause(pause);
      }
    }
  }

  /** `throttled`: ask again later. One that EC2 refuses to describe is left to RunInstances, which says why. */
  async function imageFor(id: string): Promise<BootImage | { readonly throttled: string }> {
    try {
      return await describeImage(id);
    } catch (error) {
      const { class: kind, code, message } = classifyEc2Error(error);
      if (kind === 'throttle') return { throttled: code };
      if (kind !== 'unknown') return likeAws(id);
      throw new Error(`image ${id} could not be described: ${code}: ${message}`, { cause: error });
    }
  }

  async function* described(
    which: Pick<DescribeInstancesCommandInput, 'Filters' | 'MaxResults' | 'InstanceIds'>,
  ): AsyncGenerator<Instance> {
    let NextToken: string | undefined;
    do {
      await rate.take();
      const page = await client.send(
        new DescribeInstancesCommand({ ...which, ...(NextToken && { NextToken }) }),
      );
      for (const { Instances = [] } of page.Reservations ?? []) yield* Instances;
      NextToken = page.NextToken;
    } while (NextToken);
  }

  /** What an earlier call with this intent has launched, if EC2's listing shows it yet. */
  async function launchedBefore({ instance }: LaunchIntent): Promise<string | undefined> {
    const ours = [tagged('sortie:deployment', config.deployment), tagged('sortie:instance', instance)];
    for await (const { InstanceId } of described(all(ours))) if (InstanceId !== undefined) return InstanceId;
    return undefined;
  }

  return {
    ...placementGroups(client, rate, config.deployment),

    async launch(intent) {
      const { zone } = intent.offer;
      const kind = imageOf(intent.offer);
      const id = config.images.get(kind);
      if (id === undefined)
        return refused(
          'boot',
          'NoImage',
          `no image ${imageNeeded(kind)}: name one as ${kind} in SORTIE_IMAGES`,
        );
      const image = await imageFor(id);
      if ('throttled' in image) return { kind: 'throttled', code: image.throttled };
      const places = placesIn(config, zone);
      // With several subnets a repeated call could succeed in an earlier one than the call whose reply was lost.
      const before = places.length > 1 ? await launchedBefore(intent) : undefined;
      if (before !== undefined) return { kind: 'launched', ec2: before };
      let outcome = refused('network', 'NoSubnet', `no subnet in ${zone}: name one in SORTIE_SUBNETS`);
      for (const place of places) {
        outcome = await launchAt(intent, image, place);
        if (outcome.kind !== 'refused' || outcome.refusal.class !== 'network') return outcome;
      }
      return outcome;
    },

    async terminate(ec2) {
      await rate.take();
      try {
        await client.send(new TerminateInstancesCommand({ InstanceIds: [ec2] }));
        return 'terminating';
      } catch (error) {
        const { class: kind, code, message } = classifyEc2Error(error);
        if (code === 'InvalidInstanceID.NotFound') return 'gone';
        if (kind === 'throttle') return 'throttled';
        throw new Error(`${ec2} could not be terminated: ${code}: ${message}`, { cause: error });
      }
    },

    async retag(ec2, { set, remove }) {
      try {
        // First: a resource has 50 tags at most.
        if (remove.length > 0) {
          await rate.take();
          const Tags = remove.map((Key) => ({ Key }));
          await client.send(new DeleteTagsCommand({ Resources: [ec2], Tags }));
        }
        const Tags = Object.entries(set).map(([Key, Value]) => ({ Key, Value }));
        if (Tags.length > 0) {
          await rate.take();
          await client.send(new CreateTagsCommand({ Resources: [ec2], Tags }));
        }
        return 'tagged';
      } catch (error) {
        const { class: kind, code, message } = classifyEc2Error(error);
        if (code === 'InvalidInstanceID.NotFound') return 'gone';
        if (kind === 'throttle') return 'throttled';
        throw new Error(`${ec2} could not be tagged: ${code}: ${message}`, { cause: error });
      }
    },

    async list() {
      const listed: ListedInstance[] = [];
      const ours = all([tagged('sortie:deployment', config.deployment)]);
      for await (const instance of described(ours)) listed.push(asListed(instance));
      return listed;
    },

    async find(ec2) {
      try {
        for await (const instance of described({ InstanceIds: [ec2] })) return asListed(instance);
        return undefined;
      } catch (error) {
        if (classifyEc2Error(error).code === 'InvalidInstanceID.NotFound') return undefined;
        throw error;
      }
    },
  };
}

/** Pages of the largest size; a listing by ids takes none. */
const all = (Filters: Filter[]) => ({ Filters, MaxResults: 1_000 });

function asListed({ InstanceId: ec2, State, StateReason, Tags }: Instance): ListedInstance {
  const tag = (name: string) => Tags?.find(({ Key }) => Key === name)?.Value ?? null;
  const state = State?.Name;
  if (ec2 === undefined || state === undefined)
    throw new Error('DescribeInstances listed an instance without its id or its state');
  const [instance, nonce] = [tag('sortie:instance'), tag('sortie:nonce')];
  return { ec2, instance, nonce, state, end: endOf(state, StateReason) };
}

const tagged = (name: string, value: string): Filter => ({ Name: `tag:${name}`, Values: [value] });

const refused = (kind: Refusal['class'], code: string, message: string): LaunchOutcome => ({
  kind: 'refused',
  refusal: { class: kind, code, message },
});

function refusalOf({ class: kind, code, message }: Ec2Error): Refusal {
  switch (kind) {
    case 'capacity':
    case 'quota':
    case 'network':
    case 'unclassified':
      return { class: kind, code, message };
    // It came and went without being of use: another instance may do better.
    case 'over':
      return { class: 'boot', code, message };
    default:
      return { class: 'fatal', code, message };
  }
}

const unknownOutcome = (
  { instance, offer }: LaunchIntent,
  { code, message }: Ec2Error,
  cause: unknown,
): Error =>
  new Error(
    `instance ${instance}: whether EC2 launched the ${offer.instance_type} in ${offer.zone} is not known ` +
      `(${code}: ${message}); the same token asks again`,
    { cause },
  );
