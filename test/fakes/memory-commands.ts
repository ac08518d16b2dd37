import type { Commands, Probe, SendOutcome } from '../../domain/job/commands.ts';
import { lostReply, type Machine, type World } from './world.ts';

const DELIVERY = 60_000;

const denied: Probe = { kind: 'unreachable', detail: 'AccessDeniedException: not authorized' };

/** SSM in memory, behaving as the real one does: both pass test/infra/ssm's contract. */
export function memoryCommands(world: World): Commands {
  let sent = 0;
  const reach = (operation: string) => {
    if (world.faults.outage.has('ssm')) throw lostReply(operation);
  };
  const answers = (machine: Machine | undefined): machine is Machine =>
    machine?.state === 'running' && machine.agent === 'online';

  const send = async (ec2: string, work: () => void): Promise<SendOutcome> => {
    reach('SendCommand');
    if (world.faults.denied.has(ec2)) throw new Error(`the command could not be sent to ${ec2}`);
    const machine = world.machines.get(ec2);
    if (machine?.state !== 'running' || machine.agent === 'unregistered')
      return { kind: 'unreachable', detail: `InvalidInstanceId: Instances [[${ec2}]] not in a valid state` };
    const deliver = () => {
      work();
      if (world.faults.delivery === 'twice') work();
    };
    if (machine.agent === 'online') deliver();
    else machine.undelivered.push({ until: world.now() + DELIVERY, deliver });
    if (world.faults.lostReplies.send > 0) {
      world.faults.lostReplies.send--;
      throw lostReply('SendCommand');
    }
    return { kind: 'sent', command: `command-${++sent}` };
  };

  return {
    start: (ec2, submission, bundleUrl) => send(ec2, () => world.place(ec2, submission, bundleUrl)),
    stop: (ec2, submission, mode, reason) => send(ec2, () => world.stop(ec2, submission, mode, reason)),

    async probe(ec2s) {
      reach('SendCommand');
      return new Map(
        ec2s.map((ec2) => [ec2, world.faults.denied.has(ec2) ? denied : probeOf(world.machines.get(ec2))]),
      );
    },

    async touch(ec2s) {
      reach('SendCommand');
      const named = ec2s.filter((ec2) => world.faults.denied.has(ec2));
      if (named.length > 0) throw new Error(`the command could not be sent to ${named.join(', ')}`);
    },
  };

  function probeOf(machine: Machine | undefined): Probe {
    if (!answers(machine)) return { kind: 'unreachable', detail: 'its SSM agent is not online' };
    if (machine.userData !== 'finished') return { kind: 'booting', message: 'installing' };
    const submissions = [...machine.submissions].map(([submission, { state, started_at, exit }]) => ({
      submission,
      state,
      started_at,
      exit,
    }));
    return { kind: 'answered', submissions: submissions.toReversed() };
  }
}
