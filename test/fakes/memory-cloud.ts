import type { Cloud, LaunchIntent, LaunchOutcome, ListedInstance } from '../../domain/instance/cloud.ts';
import { lostReply, type Machine, type World } from './world.ts';

/** EC2 in memory, behaving as the real one does: both pass test/infra/ec2's contract. */
export function memoryCloud(world: World): Cloud {
  const loses = (reply: 'launch' | 'terminate' | 'retag' | 'createGroup' | 'deleteGroup') => {
    if (world.faults.lostReplies[reply] === 0) return false;
    world.faults.lostReplies[reply]--;
    return true;
  };
  const reach = (operation: string) => {
    if (world.faults.outage.has('ec2')) throw lostReply(operation);
  };
  return {
    async launch(intent) {
      reach('RunInstances');
      const known = [...world.machines.values()].find(
        (machine) => machine.intent.instance === intent.instance,
      );
      if (known?.state === 'terminated') {
        const code = 'IdempotentInstanceTerminated';
        const message = 'The instance that was launched with this token has been terminated.';
        return { kind: 'refused', refusal: { class: 'boot', code, message } };
      }
      if (known === undefined && intent.group !== null) {
        const refused = refusedBy(world, intent.group, intent);
        if (refused) return refused;
      }
      const answer = known === undefined ? world.faults.refuse(intent) : 'no';
      if (answer !== 'no') return answer;
      const { ec2 } = known ?? world.add(intent);
      if (known === undefined && world.faults.takeBack) world.end(ec2, world.faults.takeBack);
      if (loses('launch')) throw lostReply('RunInstances');
      return { kind: 'launched', ec2 };
    },

    async terminate(ec2) {
      reach('TerminateInstances');
      if (world.faults.terminate === 'throttled') return 'throttled';
      if (!world.machines.has(ec2)) return 'gone';
      world.end(ec2);
      if (loses('terminate')) throw lostReply('TerminateInstances');
      return 'terminating';
    },

    async retag(ec2, { set, remove }) {
      reach('CreateTags');
      const machine = world.machines.get(ec2);
      if (machine === undefined) return 'gone';
      const kept = Object.entries(machine.tags).filter(([name]) => !remove.includes(name));
      machine.tags = { ...Object.fromEntries(kept), ...set };
      if (loses('retag')) throw lostReply('CreateTags');
      return 'tagged';
    },

    async createGroup(group) {
      reach('CreatePlacementGroup');
      if (world.faults.refuseGroup !== 'no') return world.faults.refuseGroup;
      if (!world.groups.has(group.id)) world.groups.set(group.id, group);
      if (loses('createGroup')) throw lostReply('CreatePlacementGroup');
      return { kind: 'there', name: `sortie-test-${group.id}` };
    },

    async deleteGroup(id) {
      reach('DeletePlacementGroup');
      if (zonesOf(world, id).length > 0) return 'in-use';
      world.groups.delete(id);
      if (loses('deleteGroup')) throw lostReply('DeletePlacementGroup');
      return 'gone';
    },

    async listGroups() {
      reach('DescribePlacementGroups');
      return [...world.groups.values()].map(({ id, fleet }) => ({ id, fleet }));
    },

    async list() {
      reach('DescribeInstances');
      return [...world.machines.values()].map(asListed);
    },

    async find(ec2) {
      reach('DescribeInstances');
      const machine = world.machines.get(ec2);
      return machine && asListed(machine);
    },
  };
}

const asListed = ({ ec2, intent, state, end }: Machine): ListedInstance => ({
  ...{ ec2, instance: intent.instance, nonce: intent.nonce, state, end },
});

/** Where a placement group has instances that have not ended. */
const zonesOf = (world: World, group: string): string[] =>
  [...world.machines.values()]
    .filter(({ intent, state }) => intent.group === group && state !== 'terminated')
    .map(({ intent }) => intent.offer.zone);

function refusedBy(world: World, group: string, { offer }: LaunchIntent): LaunchOutcome | undefined {
  if (!world.groups.has(group)) {
    const message = `The Placement Group '${group}' is unknown.`;
    return { kind: 'inconsistent', refusal: { code: 'InvalidPlacementGroup.Unknown', message } };
  }
  const elsewhere = zonesOf(world, group).find((zone) => zone !== offer.zone);
  if (elsewhere === undefined) return undefined;
  const message = `The placement group '${group}' is in use in another availability zone: ${elsewhere}`;
  return {
    kind: 'refused',
    refusal: { class: 'capacity', code: 'InvalidPlacementGroup.InUse', message },
  };
}
