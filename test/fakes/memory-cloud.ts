import type { Cloud } from '../../domain/instance/cloud.ts';
import { lostReply, type World } from './world.ts';

/** EC2 in memory, behaving as the real one does: both pass test/infra/ec2's contract. */
export function memoryCloud(world: World): Cloud {
  const loses = (reply: 'launch' | 'terminate') => {
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
      const answer = known === undefined ? world.faults.refuse(intent) : 'no';
      if (answer !== 'no') return answer;
      const { ec2 } = known ?? world.add(intent);
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

    async list() {
      reach('DescribeInstances');
      return [...world.machines.values()].map(({ ec2, intent, state }) => ({
        ec2,
        instance: intent.instance,
        nonce: intent.nonce,
        state,
      }));
    },
  };
}
