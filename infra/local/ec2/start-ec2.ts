import { openLocalDatabase } from '../database.ts';
import type { Inherited } from '../environment.ts';
import { prepareAgent } from '../instance/agent-program.ts';
import { probeSandbox, type SandboxKind } from '../instance/sandbox.ts';
import { listen } from '../listen.ts';
import { awsError } from '../wire/aws-error.ts';
import type { Emit } from '../wire/aws-event.ts';
import { publishEndpoint } from '../wire/endpoints-file.ts';
import { answerFaults, createFaults, type FaultSwitches, faultsPath } from '../wire/faults.ts';
import { verifyRequest, type WireReply, type WireRequest, wireListener } from '../wire/http.ts';
import type { Credentials } from '../wire/signature.ts';
import { createThrottle } from '../wire/throttle.ts';
import type { AccountRegion } from './account-region.ts';
import { createTags, deleteTags } from './create-tags.ts';
import { describeInstances, findVisible } from './describe-instances.ts';
import { describeRegion } from './describe-region.ts';
import { openGroupStore } from './group-store.ts';
import { createFailures, invocationHeader } from './ill-luck.ts';
import { describeImages } from './images.ts';
import type { Catalogue, InstanceState } from './instance-record.ts';
import { reservationsXml, stateXml } from './instance-xml.ts';
import { createLifecycle } from './lifecycle.ts';
import { loopbackAddresses } from './loopback-addresses.ts';
import {
  createPlacementGroup,
  deletePlacementGroup,
  describePlacementGroups,
  groupXml,
} from './placement-groups.ts';
import { answerXml, parseQuery, type QueryTree, refuseXml, text, texts } from './query-protocol.ts';
import { missing, throttled, unauthorized } from './refusals.ts';
import { runInstances } from './run-instances.ts';
import { requested } from './state-reasons.ts';
import { openInstanceStore } from './store.ts';

export type Ec2Options = {
  /** The folder of the embedded AWS: `aws.db`, `endpoints.json`, `instances/`. Absolute. */
  readonly data: string;
  /** By which requests are signed. */
  readonly credentials: Credentials;
  readonly catalogue: Catalogue;
  /** What there is to describe; by default nothing. */
  readonly describes?: AccountRegion;
  readonly emit: Emit;
  readonly port?: number;
  readonly region?: string;
  readonly account?: string;
  readonly zones?: readonly string[];
  readonly faults?: FaultSwitches;
  /** By default the first kind that works on this machine. */
  readonly sandbox?: SandboxKind;
  /** Folders that jobs do not see, beside `data`, where the sandbox can hide any; by default none. */
  readonly hides?: readonly string[];
  /** By default the usual PATH, and no more. */
  readonly inherited?: Inherited;
  readonly now?: () => number;
};

/** The usual folders of a Linux system. */
const usual: Inherited = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

export type Ec2 = {
  readonly endpoint: string;
  readonly sandbox: SandboxKind;
  readonly faults: FaultSwitches;
  /** For the embedded SSM, which takes commands for living instances only. */
  stateOf(instance: string): InstanceState | undefined;
  /** How many are up, or on their way. */
  living(): number;
  /** Ends every instance, and resolves when no process of theirs is left. */
  terminateAll(): Promise<void>;
  /** Stops answering. Instances live on. */
  close(): Promise<void>;
};

/** The embedded EC2: instances, their tags and placement groups, over the EC2 query protocol. */
export async function startEc2(options: Ec2Options): Promise<Ec2> {
  const {
    data,
    credentials,
    hides = [],
    emit,
    faults = createFaults(),
    inherited = usual,
    now = Date.now,
  } = options;
  const place = { region: options.region ?? 'us-east-1', account: options.account ?? '000000000000' };
  const zones = options.zones ?? ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `${place.region}${letter}`);
  const [sandbox, agent] = await Promise.all([
    options.sandbox ? probeSandbox([options.sandbox]) : probeSandbox(),
    prepareAgent(data),
  ]);
  const database = openLocalDatabase(data);
  const store = openInstanceStore(database);
  const groups = openGroupStore(database);
  const throttle = createThrottle(now);
  const fails = createFailures(faults);
  const lifecycle = createLifecycle({
    data,
    credentials,
    place,
    store,
    faults,
    sandbox,
    hides,
    agent,
    inherited,
    emit,
    now,
  });

  const addressOf = loopbackAddresses();

  const visibility = () => ({ store, faults: faults.current, now: now() });
  const limit = (name: string, tokens: number) => throttle.takes(name, tokens, faults.current.throttle[name]);

  const operations: Readonly<Record<string, (call: QueryTree) => WireReply>> = {
    RunInstances: (call) => {
      const takesInstances = (count: number) => limit('RunInstances:instances', count);
      const launch = runInstances(call, {
        ...options,
        store,
        groups,
        faults,
        zones,
        addressOf,
        now,
        takesInstances,
      });
      if (!launch.ok) return refuseXml(launch.error);
      const { reservation, instances } = launch.value;
      if (launch.value.is === 'launched') for (const { id } of instances) lifecycle.launched(id);
      if (faults.losesReply('RunInstances')) return { kind: 'hang-up' };
      const [first] = reservationsXml(instances, place.account, place.region) as [Record<string, never>];
      return answerXml('RunInstances', { ...first, reservationId: reservation });
    },
    TerminateInstances: (call) => {
      const ids = texts(call, 'InstanceId');
      if (ids.length === 0) return refuseXml(missing('InstanceId'));
      const found = findVisible(ids, visibility());
      if (!found.ok) return refuseXml(found.error);
      const changes = found.value.map((before) => {
        void lifecycle.terminate(before.id, requested(now()));
        const after = store.find(before.id)?.state ?? 'terminated';
        return {
          instanceId: before.id,
          currentState: stateXml(after),
          previousState: stateXml(before.state),
        };
      });
      if (faults.losesReply('TerminateInstances')) return { kind: 'hang-up' };
      return answerXml('TerminateInstances', { instancesSet: changes });
    },
    DescribeInstances: (call) => {
      const page = describeInstances(call, visibility());
      if (!page.ok) return refuseXml(page.error);
      const reservationSet = reservationsXml(page.value.instances, place.account, place.region);
      return answerXml('DescribeInstances', { reservationSet, nextToken: page.value.nextToken });
    },
    CreatePlacementGroup: (call) => {
      const created = createPlacementGroup(call, { groups, store });
      if (!created.ok) return refuseXml(created.error);
      if (faults.losesReply('CreatePlacementGroup')) return { kind: 'hang-up' };
      return answerXml('CreatePlacementGroup', { placementGroup: groupXml(created.value, place) });
    },
    DescribePlacementGroups: (call) => {
      const found = describePlacementGroups(call, { groups, store });
      if (!found.ok) return refuseXml(found.error);
      const placementGroupSet = found.value.map((group) => groupXml(group, place));
      return answerXml('DescribePlacementGroups', { placementGroupSet });
    },
    DeletePlacementGroup: (call) => {
      const deleted = deletePlacementGroup(call, { groups, store });
      if (!deleted.ok) return refuseXml(deleted.error);
      if (faults.losesReply('DeletePlacementGroup')) return { kind: 'hang-up' };
      return answerXml('DeletePlacementGroup', { return: 'true' });
    },
    ...(options.describes && describeRegion(options.describes, now)),
    DescribeImages: (call) => answerXml('DescribeImages', describeImages(call, faults.current)),
    CreateTags: (call) => {
      const tagged = createTags(call, visibility());
      if (!tagged.ok) return refuseXml(tagged.error);
      if (faults.losesReply('CreateTags')) return { kind: 'hang-up' };
      return answerXml('CreateTags', { return: 'true' });
    },
    DeleteTags: (call) => {
      const untagged = deleteTags(call, visibility());
      return untagged.ok ? answerXml('DeleteTags', { return: 'true' }) : refuseXml(untagged.error);
    },
  };

  const handle = (request: WireRequest): WireReply => {
    const verified = verifyRequest(request, credentials);
    if (!verified.ok) return refuseXml(unauthorized(verified.error));
    if (request.path === faultsPath) return answerFaults(faults, request);
    if (faults.current.outage.includes('ec2')) return { kind: 'silence' };
    const call = parseQuery(request.body);
    const action = text(call, 'Action') ?? '';
    const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
    if (!operation)
      return refuseXml(awsError('InvalidAction', `The action ${action} is not valid for this web service.`));
    if (limit(action, 1) === 'throttled') return refuseXml(throttled);
    const failure = fails(action, String(request.headers[invocationHeader] ?? ''));
    return failure ? refuseXml(failure) : operation(call);
  };

  const strike = () => {
    faults.current.spotInterruptions.forEach(lifecycle.interrupt);
    faults.current.hung.forEach(lifecycle.hang);
  };
  faults.onChange(strike);
  const server = await listen(wireListener(handle), options.port ?? 0);
  publishEndpoint(data, 'ec2', server.url);
  lifecycle.recover();

  return {
    endpoint: server.url,
    sandbox,
    faults,
    stateOf: (id) => store.find(id)?.state,
    living: () => [...store.all()].filter(({ state }) => state === 'pending' || state === 'running').length,
    terminateAll: async () => {
      await Promise.all([...store.all()].map(({ id }) => lifecycle.terminate(id, requested(now()))));
    },
    close: async () => {
      lifecycle.close();
      await server.close();
      database.close();
    },
  };
}
