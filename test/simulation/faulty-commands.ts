import type { Commands, SendOutcome } from '../../domain/job/commands.ts';
import { memoryCommands } from '../fakes/memory-commands.ts';
import { NoAnswer } from './process.ts';
import type { Scene } from './scene.ts';

/** SSM on a bad day. `failed`: what it says of a command that came to nothing. */
export function faultyCommands(scene: Scene, failed: (ec2: string, command: string) => void): Commands {
  const { world, chance } = scene;
  const commands = memoryCommands(world);
  let nothing = 0;
  const send = async (what: string, ec2: string, work: () => Promise<SendOutcome>): Promise<SendOutcome> => {
    if (chance.strikes('send not answered', what)) throw new NoAnswer('SendCommand');
    if (chance.strikes('machine unreachable', ec2))
      return { kind: 'unreachable', detail: 'InvalidInstanceId' };
    if (chance.strikes('reply to a send lost', what)) world.faults.lostReplies.send = 1;
    if (chance.strikes('command delivered twice', what)) world.faults.delivery = 'twice';
    try {
      return await work();
    } finally {
      world.faults.lostReplies.send = 0;
      world.faults.delivery = 'once';
    }
  };
  return {
    start: (ec2, submission, url) =>
      send(`start ${submission}`, ec2, async () => {
        if (!chance.strikes('start came to nothing', submission)) return commands.start(ec2, submission, url);
        const command = `nothing-${++nothing}`;
        failed(ec2, command);
        return { kind: 'sent', command };
      }),
    stop: (ec2, submission, mode, reason) =>
      send(`stop ${submission}`, ec2, () => commands.stop(ec2, submission, mode, reason)),
    async probe(ec2s) {
      if (chance.strikes('send not answered', 'probe')) throw new NoAnswer('SendCommand');
      return commands.probe(ec2s);
    },
    async online(ec2s) {
      if (chance.strikes('send not answered', 'online')) throw new NoAnswer('DescribeInstanceInformation');
      return commands.online(ec2s);
    },
  };
}
