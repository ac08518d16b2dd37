import type { Commands, SendOutcome } from '../../domain/job/commands.ts';
import { memoryCommands } from '../fakes/memory-commands.ts';
import { NoAnswer } from './process.ts';
import type { Scene } from './scene.ts';

/** SSM on a bad day. `failed`: what it says of a command that came to nothing. */
export function faultyCommands(scene: Scene, failed: (ec2: string, command: string) => void): Commands {
  const { world, chance } = scene;
  const commands = memoryCommands(world);
  let nothings = 0;
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
  /** Accepted, and then nothing: SSM says so some time later, if anybody hears it. */
  const orNothing = async (nothing: boolean, ec2: string, work: () => Promise<SendOutcome>) => {
    if (!nothing) return work();
    const command = `nothing-${++nothings}`;
    failed(ec2, command);
    return { kind: 'sent' as const, command };
  };
  return {
    start: (ec2, submission, url) =>
      send(`start ${submission}`, ec2, () =>
        orNothing(chance.strikes('start came to nothing', submission), ec2, () =>
          commands.start(ec2, submission, url),
        ),
      ),
    stop: (ec2, submission, mode, reason) =>
      send(`stop ${submission}`, ec2, () =>
        orNothing(chance.strikes('stop came to nothing', submission), ec2, () =>
          commands.stop(ec2, submission, mode, reason),
        ),
      ),
    async probe(ec2s) {
      if (chance.strikes('send not answered', 'probe')) throw new NoAnswer('SendCommand');
      const probed = await commands.probe(ec2s);
      for (const [ec2, { kind }] of probed)
        if (kind !== 'unreachable') scene.lifeOf(ec2).contact = scene.time.now();
      return probed;
    },
    async touch(ec2s) {
      if (chance.strikes('send not answered', 'touch')) throw new NoAnswer('SendCommand');
      await commands.touch(ec2s);
      for (const [ec2, { kind }] of await commands.probe(ec2s))
        if (kind !== 'unreachable') scene.lifeOf(ec2).contact = scene.time.now();
    },
  };
}
