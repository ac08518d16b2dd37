import type { Cloud, LaunchIntent, LaunchOutcome } from '../../domain/instance/cloud.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { memoryCloud } from '../fakes/memory-cloud.ts';
import type { Machine } from '../fakes/world.ts';
import { NoAnswer } from './process.ts';
import type { Scene } from './scene.ts';

// EC2 knows of a new instance in one place and not yet in another: "eventual consistency", mostly seconds.
const SETTLED = 2 * MINUTE;

/** EC2 on a bad day. `ending`: what a terminate is about to end, before it does. */
export function faultyCloud(scene: Scene, ending: (machine: Machine) => void): Cloud {
  const { world, chance, time } = scene;
  const cloud = memoryCloud(world);
  const hidden = new Set<string>();
  const isNew = (ec2: string) => time.now() < scene.lifeOf(ec2).since + SETTLED;
  world.faults.refuse = (intent) => refusal(scene, intent);
  async function answered<T>(operation: string, group: string, call: () => Promise<T>): Promise<T> {
    if (chance.strikes('group call not answered', group)) throw new NoAnswer(operation);
    const answer = await call();
    if (chance.strikes('reply to a group call lost', group)) throw new NoAnswer(operation);
    return answer;
  }
  return {
    ...cloud,
    async launch(intent) {
      if (chance.strikes('launch not answered', intent.instance)) throw new NoAnswer('RunInstances');
      if (chance.strikes('reply to a launch lost', intent.instance)) world.faults.lostReplies.launch = 1;
      try {
        return await cloud.launch(intent);
      } finally {
        world.faults.lostReplies.launch = 0;
      }
    },
    async terminate(ec2) {
      if (chance.strikes('terminate throttled', ec2)) return 'throttled';
      if (chance.strikes('terminate not answered', ec2)) throw new NoAnswer('TerminateInstances');
      const machine = world.machines.get(ec2);
      if (machine === undefined) return 'gone';
      if (isNew(ec2) && chance.strikes('machine not found yet', ec2)) return 'gone';
      if (machine.state === 'terminated' || machine.state === 'shutting-down') return 'terminating';
      ending(machine);
      if (chance.strikes('terminate slow', ec2)) {
        machine.state = 'shutting-down';
        const seconds = chance.between('shutting down', 10, 240);
        time.at(time.now() + seconds * SECOND, () => world.end(ec2));
      } else world.end(ec2);
      if (chance.strikes('reply to a terminate lost', ec2)) throw new NoAnswer('TerminateInstances');
      return 'terminating';
    },
    async createGroup(group) {
      if (chance.strikes('group throttled', group.id))
        return { kind: 'throttled', code: 'RequestLimitExceeded' };
      return answered('CreatePlacementGroup', group.id, () => cloud.createGroup(group));
    },
    async deleteGroup(id) {
      if (chance.strikes('group throttled', id)) return 'throttled';
      return answered('DeletePlacementGroup', id, () => cloud.deleteGroup(id));
    },
    async list() {
      if (chance.strikes('listing not answered', '')) throw new NoAnswer('DescribeInstances');
      const missing = ({ ec2 }: { ec2: string }) => {
        const hides =
          (isNew(ec2) || !hidden.has(ec2)) && chance.strikes('machine missing from a listing', ec2);
        if (hides) hidden.add(ec2);
        else hidden.delete(ec2);
        return hides;
      };
      return (await cloud.list()).filter((one) => !missing(one));
    },
  };
}

function refusal(
  { chance, unclassified }: Scene,
  { instance }: LaunchIntent,
): Exclude<LaunchOutcome, { kind: 'launched' }> | 'no' {
  const refused = (kind: 'capacity' | 'quota' | 'network' | 'unclassified', code: string) => ({
    kind: 'refused' as const,
    refusal: { class: kind, code, message: 'so it is' },
  });
  if (chance.strikes('launch throttled', instance))
    return { kind: 'throttled', code: 'RequestLimitExceeded' };
  if (chance.strikes('launch out of capacity', instance))
    return refused('capacity', 'InsufficientInstanceCapacity');
  if (chance.strikes('launch over quota', instance)) return refused('quota', 'VcpuLimitExceeded');
  if (chance.strikes('launch without a subnet', instance))
    return refused('network', 'InsufficientFreeAddressesInSubnet');
  if (chance.strikes('launch refused for an unknown reason', instance)) {
    unclassified.add(instance);
    return refused('unclassified', 'InvalidParameterValue');
  }
  return 'no';
}

const reasons = [
  { class: 'capacity', code: 'Server.InsufficientInstanceCapacity' },
  { class: 'capacity', code: 'Server.SpotInstanceTermination' },
  { class: 'boot', code: 'Server.InternalError' },
  { class: 'quota', code: 'Client.VolumeLimitExceeded' },
  { class: 'unclassified', code: 'Client.InternalError' },
] as const;

/** EC2 ends a machine that it has launched, before it is up, and says why. */
export function takeBack({ chance, time, world, unclassified }: Scene, machine: Machine): void {
  if (!chance.strikes('machine taken back', machine.ec2)) return;
  time.at(time.now() + chance.between('taken back', 1, 20) * SECOND, () => {
    if (machine.state !== 'pending') return;
    const reason = reasons[Math.floor(chance.between('reason', 0, reasons.length))] ?? reasons[0];
    if (reason.class === 'unclassified') unclassified.add(machine.intent.instance);
    world.end(machine.ec2, { ...reason, message: 'so it is' });
  });
}
