import { describe, expect, test } from 'vitest';
import type { InstanceEvent } from '../../../domain/instance/events.ts';
import { Instance } from '../../../domain/instance/stream.ts';
import { instanceId, jobId, runId } from '../../../domain/kernel/ids.ts';
import type { Pooled, Snapshot } from '../../../domain/scheduling/snapshot.ts';
import { FLEET, given, offer, requirements } from '../given.ts';
import { catalogueOf, saving, type } from '../planning/given.ts';
import { gang } from './given-gang.ts';
import { configured, id, passOver, waiting } from './given-pass.ts';

const catalogue = catalogueOf(type('m5.xlarge', { spot: saving(60) }));
const { resources } = offer();
const onDemand = offer({ instance_type: 'm5.xlarge', resources: { ...resources, memory_mib: 16_384 } });

const node = (n: number, ...more: InstanceEvent[]): Pooled => ({
  id: instanceId(id(n)),
  state: given(
    Instance,
    {
      ...{ type: 'InstanceOrdered', fleet: FLEET, project: 'main', offer: onDemand },
      ...{ nonce: 'n', idle_duration: 300, tags: {} },
    },
    { type: 'InstanceLaunched', ec2: `i-${n}` },
    { type: 'InstanceReady' },
    ...more,
  ),
});
/** A fleet that keeps `min` nodes, and has two. */
function fleet(min: number, max = 2, target = 2) {
  const nodes = [1, 2].map((n) => ({
    ...{ type: 'NodeReserved' as const, instance: instanceId(id(n)), offer: onDemand },
  }));
  return configured({ nodes: { min, target, max } }, ...nodes);
}
const job = (spot_policy: 'spot' | 'on-demand') =>
  waiting(9, { requirements: requirements({ spot_policy }) });
const pass = (snapshot: Partial<Snapshot>) =>
  passOver(catalogue)({ queue: [job('spot')], pool: [node(1), node(2)], fleet: fleet(2), ...snapshot });
const busy: InstanceEvent = {
  type: 'InstanceClaimed',
  claim: { job: jobId(runId(id(8)), 0), submission: 0 },
};

describe('a job that takes only what is there', () => {
  const reuse = waiting(9, {
    requirements: requirements({ spot_policy: 'spot' }),
    creation_policy: 'reuse',
  });

  test('waits for the nodes that its fleet keeps and has not launched yet', () => {
    expect(pass({ queue: [reuse], fleet: fleet(3, 3, 3) })).toMatchObject([
      { kind: 'wait', wait: { message: expect.stringContaining('still has to launch 1 of the nodes') } },
    ]);
  });

  test('fails once they are all there and none fits', () => {
    expect(pass({ queue: [reuse], fleet: fleet(2) })).toMatchObject([{ kind: 'hopeless' }]);
  });
});

describe('a fleet that is full of the nodes that it keeps', () => {
  test('fails a job that none of them fits, since no place will ever be free for it', () => {
    expect(pass({})).toMatchObject([
      {
        kind: 'hopeless',
        why: 'no_capacity',
        message: 'the fleet has room for the nodes that it keeps alone: its 2 instances, which do not fit',
      },
    ]);
  });

  test('has one that fits wait for its turn', () => {
    const pool = [node(1, busy), node(2, busy)];
    expect(pass({ queue: [job('on-demand')], pool })).toMatchObject([{ kind: 'wait' }]);
  });

  test('has it wait for one that is about to end, or that the index does not show', () => {
    const drained: InstanceEvent = { type: 'IdleBehaviorSet', behavior: 'drain', reason: null, by: 'user:a' };
    expect(pass({ pool: [node(1), node(2, busy, drained)] })).toMatchObject([{ kind: 'wait' }]);
    expect(pass({ pool: [node(1)] })).toMatchObject([{ kind: 'wait' }]);
  });

  test('lets one go where it keeps fewer', () => {
    expect(pass({ fleet: fleet(1) })).toMatchObject([{ kind: 'wait' }, { kind: 'let-go' }]);
  });
});

describe('a fleet that keeps all the nodes that it has', () => {
  const cheap = catalogueOf(type('m5.xlarge', { onDemandPrice: 0.01 }));
  const decided = (min: number) =>
    passOver(cheap)({
      ...{ queue: [job('on-demand')], pool: [node(1), node(2)], fleet: fleet(min, 4) },
    }).flatMap((one) => (one.kind === 'assign' || one.kind === 'launch' ? [one.kind] : []));

  test('puts a job on one of them, however dear: they cost the same without it', () => {
    expect(decided(2)).toEqual(['assign']);
  });

  test('launches what costs so much less beside those that it would let go', () => {
    expect(decided(0)).toEqual(['launch']);
  });
});

describe('a fleet that keeps all the nodes that it has, and has one place beside them,', () => {
  const asked = (spot_policy: 'spot' | 'on-demand', nodes: number, snapshot: Partial<Snapshot> = {}) => {
    const { run, queue } = gang(7, nodes, { requirements: requirements({ spot_policy }) });
    return pass({ ...{ queue, runs: new Map([[run.id, run]]), fleet: fleet(2, 3) }, ...snapshot });
  };

  test('fails a run of which none of them fits a node, and which has more nodes than that', () => {
    expect(asked('spot', 2)).toMatchObject(
      Array(2).fill({
        ...{ kind: 'hopeless', why: 'no_capacity' },
        message:
          'its fleet has no room for all 2 nodes beside the 2 that it keeps: its limits are 3 instances',
      }),
    );
  });

  test('has one wait that fits on them once they are free', () => {
    const pool = [node(1, busy), node(2, busy)];
    expect(asked('on-demand', 3, { pool })).toMatchObject(Array(3).fill({ kind: 'wait' }));
  });

  test('has it wait where one of them may leave, or comes to be seen', () => {
    expect(asked('spot', 2, { pool: [node(1)] })).toMatchObject(Array(2).fill({ kind: 'wait' }));
    const kinds = asked('spot', 3, { fleet: fleet(1, 3) }).map(({ kind }) => kind);
    expect(kinds).toEqual(['wait', 'wait', 'wait', 'let-go', 'let-go']);
  });
});
