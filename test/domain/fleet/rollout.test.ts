import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../../domain/configuration/fleet.ts';
import { configure } from '../../../domain/fleet/apply.ts';
import { reserve } from '../../../domain/fleet/decide.ts';
import type { FleetEvent } from '../../../domain/fleet/events.ts';
import { missingNodes, order } from '../../../domain/fleet/nodes.ts';
import { departures, finishRollout, type Member, notAdmitted } from '../../../domain/fleet/rollout.ts';
import { storedFleet } from '../../../domain/fleet/stored-fleet.ts';
import { Fleet } from '../../../domain/fleet/stream.ts';
import { nodeRequest, termsOf } from '../../../domain/fleet/terms.ts';
import { nextUpkeep } from '../../../domain/fleet/upkeep.ts';
import type { InstanceEvent } from '../../../domain/instance/events.ts';
import { reconfigure } from '../../../domain/instance/reconfigure.ts';
import { Instance } from '../../../domain/instance/stream.ts';
import { retagOf, tagged } from '../../../domain/instance/tags.ts';
import { FleetName, instanceId, jobId } from '../../../domain/kernel/ids.ts';
import type { OfferTerms } from '../../../domain/planning/offer.ts';
import { planOffers } from '../../../domain/planning/plan.ts';
import { cutOffer } from '../../../domain/planning/share.ts';
import { contextOf } from '../../../domain/scheduling/plan-context.ts';
import { given, offer, RUN, T0, types } from '../given.ts';
import { catalogueOf, saving, type } from '../planning/given.ts';

const stored = (fields: Record<string, unknown> = {}) => {
  const read = parseFleet({ type: 'fleet', name: 'small', ...fields });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return storedFleet(read.value, 20);
};
const job = jobId(RUN, 0);
const name = (n: number) => instanceId(String(n).padStart(26, '0'));
const ordered = (fields: Partial<OfferTerms> = {}): InstanceEvent => ({
  type: 'InstanceOrdered',
  ...{ fleet: FleetName.parse('small'), project: 'main', offer: offer(fields), nonce: 'n' },
  ...{ idle_duration: 300, tags: { team: 'vision', stage: 'try' } },
});
const up: InstanceEvent[] = [{ type: 'InstanceLaunched', ec2: 'i-1' }, { type: 'InstanceReady' }];
const claimed: InstanceEvent = { type: 'InstanceClaimed', claim: { job, submission: 0 } };
const member = (n: number, ...events: InstanceEvent[]): Member => ({
  id: name(n),
  state: given(Instance, ordered(), ...events),
});

describe('the instances that a configuration leaves no place for', () => {
  test('are those that it does not admit, whatever they do; those that leave already are let be', () => {
    const drained: InstanceEvent = { type: 'IdleBehaviorSet', behavior: 'drain', reason: null, by: 'user:a' };
    const members = [member(1, ...up), member(2, ...up, claimed), member(3), member(4, ...up, drained)];
    const leaving = departures(stored({ resources: { cpu: '4..' } }), members);
    expect([...leaving.keys()].sort()).toEqual([name(1), name(2), name(3)]);
    expect(leaving.get(name(1))).toBe('resources.cpu: the fleet asks for 4.., and this has 2');
    expect(departures(stored({ resources: { cpu: '2..' } }), members).size).toBe(0);
  });

  test.each([
    ['instances', { instances: 1 }, 'limits.instances: 1 at most'],
    ['vCPUs', { vcpus: 3 }, 'limits.vcpus: 3 at most'],
    ['$/h', { price_per_hour: 0.15 }, 'limits.price_per_hour: $0.15 at most'],
  ])('are those above its %s: not the one with a job, of idle ones the newest', (_, limits, why) => {
    const members = [member(1, ...up), member(2, ...up, claimed), member(3, ...up)];
    const leaving = departures(stored({ limits }), members);
    expect([...leaving]).toEqual([
      [name(1), why],
      [name(3), why],
    ]);
  });

  test('are none of those that a plan for the fleet offers, of whatever it is configured to', () => {
    const catalogue = catalogueOf(
      type('m5.large', { vcpus: 2, memoryMib: 8_192, onDemandPrice: 0.1, spot: saving(60) }),
      type('m5.xlarge', { onDemandPrice: 0.2, spot: saving(60) }),
      type('c7g.xlarge', { architectures: ['arm64'], memoryMib: 8_192, onDemandPrice: 0.15 }),
    );
    for (const fields of [
      {},
      { resources: { cpu: '2..3' } },
      { resources: { cpu: 'arm:4' } },
      { resources: { memory: '..8GB', disk: '50GB' } },
      { resources: { disk: '200GB..' } },
      { spot_policy: 'spot', max_price: 0.1 },
      { availability_zones: ['us-east-1b'], instance_types: ['M5.xlarge'] },
      { blocks: 2 },
      { blocks: 'auto' },
    ]) {
      const configuration = stored(fields);
      const context = { ...contextOf([], null, T0), terms: termsOf(configuration), limit: 100 };
      const { offers } = planOffers(catalogue, nodeRequest(configuration), context);
      expect(offers.length).toBeGreaterThan(0);
      for (const one of offers)
        expect(notAdmitted(configuration, one, cutOffer(one, configuration.blocks) ?? 1)).toBeNull();
    }
  });
});

describe('a rollout', () => {
  const before = stored({ nodes: { min: 1, target: 2, max: 4 } });
  const after = stored({ nodes: { min: 1, target: 2, max: 4 }, resources: { cpu: '4..' } });
  const node = (n: number) => ({ instance: name(n), offer: offer() });
  const events = (
    configuration: typeof before,
    fleet?: ReturnType<typeof given<never, never>>,
  ): FleetEvent[] => {
    const decided = configure(fleet, 'main', configuration);
    return decided.ok ? decided.value : [];
  };
  const created = given(Fleet, ...events(before));
  const withTwo = [
    ...events(before),
    ...order(created, node(1)),
    { type: 'NodeReserved' as const, ...node(2) },
  ];
  const changing = given(
    Fleet,
    ...withTwo,
    { type: 'FleetConfigured', configuration: after },
    { type: 'RolloutStarted' },
  );

  test('comes before all else, and ends once, for the configuration that it was of', () => {
    expect(nextUpkeep(changing, T0)).toMatchObject({ kind: 'roll-out', instances: [name(1), name(2)] });
    expect(finishRollout(changing, before, [])).toEqual([]);
    expect(types(finishRollout(changing, after, [name(1)]))).toEqual(['RolloutFinished']);
  });

  test('has as many nodes launched as `target` lacks of those that stay', () => {
    const finished = (...leaving: ReturnType<typeof name>[]) =>
      Fleet.evolve(changing, { type: 'RolloutFinished', leaving }, T0);
    expect(missingNodes(finished())).toBe(0);
    expect(missingNodes(finished(name(1)))).toBe(1);
    expect(missingNodes(finished(name(1), name(2)))).toBe(2);
    expect(finishRollout(finished(), after, [])).toEqual([]);
  });

  test('is overtaken by no launch that was planned before it', () => {
    const launch = { ...node(3), job, submission: 0 };
    expect(types(reserve(given(Fleet, ...withTwo), launch))).toEqual(['LaunchReserved']);
    expect(
      order(Fleet.evolve(changing, { type: 'RolloutFinished', leaving: [name(1), name(2)] }, T0), node(3)),
    ).toEqual([]);
  });
});

describe('an instance whose fleet was changed', () => {
  const own = { idle_duration: 300, tags: { team: 'vision', stage: 'try' }, health_at: null };

  test('follows it once', () => {
    const instance = given(Instance, ordered(), ...up);
    expect(reconfigure(instance, own)).toEqual([]);
    const events = reconfigure(instance, { ...own, idle_duration: 60 });
    expect(events).toMatchObject([{ idle_duration: 60, health: 'as known' }]);
    expect(reconfigure(given(Instance, ordered(), ...up, ...events), { ...own, idle_duration: 60 })).toEqual(
      [],
    );
    const gone: InstanceEvent = { type: 'TerminationRequested', reason: 'idle_duration' };
    expect(reconfigure(given(Instance, ordered(), ...up, gone), { ...own, idle_duration: 60 })).toEqual([]);
  });

  test('is asked of EC2 to have its tags, and those that it had before it was done so to have gone', () => {
    const first = reconfigure(given(Instance, ordered(), ...up), { ...own, tags: { team: 'audio' } });
    const once = given(Instance, ordered(), ...up, ...first);
    expect(retagOf(once)).toEqual({ ec2: 'i-1', set: { team: 'audio' }, remove: ['stage'] });
    const second = reconfigure(once, { ...own, tags: { stage: 'live' } });
    const twice = given(Instance, ordered(), ...up, ...first, ...second);
    expect(retagOf(twice)).toEqual({ ec2: 'i-1', set: { stage: 'live' }, remove: ['team'] });
    expect(tagged(twice, { ec2: 'i-1', set: { team: 'audio' }, remove: ['stage'] })).toEqual([]);
    expect(tagged(twice, { ec2: 'i-1', set: { stage: 'live' }, remove: ['team'] })).toEqual([
      { type: 'InstanceTagged' },
    ]);
    expect(retagOf(given(Instance, ordered(), ...up, ...first, { type: 'InstanceTagged' }))).toBeNull();
    expect(retagOf(given(Instance, ordered(), ...first))).toBeNull();
  });
});
