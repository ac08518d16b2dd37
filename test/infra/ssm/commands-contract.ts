import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Commands } from '../../../domain/job/commands.ts';
import { SubmissionId } from '../../../domain/kernel/ids.ts';
import { PATIENCE_MS } from '../../patience.ts';
import { ulid } from '../dynamodb/given-streams.ts';

export interface CommandsUnderTest {
  readonly commands: Commands;
  /** A machine whose agent answers. */
  online(): Promise<string>;
  /** A machine that is on its way: its agent has not registered. */
  booting(): Promise<string>;
  /** A machine whose agent answers, and whose user data is at work on `installing`. */
  unfinished(): Promise<string>;
  /** From now on no command may be sent to this machine. */
  deny(ec2: string): void;
  /** The next reply to a command that is sent gets lost. */
  loseReply(): void;
  stop(): Promise<void>;
}

export const submission = (n: number) => SubmissionId.parse(`${ulid(n)}-0-0`);
const unknown = 'i-0123456789abcdef0';

/** What all commands do. A job goes on until it is stopped, and then exits with the cause `stopped`. */
export function commandsContract(create: () => Promise<CommandsUnderTest>): void {
  let given: CommandsUnderTest;
  let commands: Commands;
  beforeEach(async () => {
    given = await create();
    ({ commands } = given);
  });
  afterEach(() => given.stop());

  const disk = async (ec2: string) => (await commands.probe([ec2])).get(ec2);
  const shows = (ec2: string, submissions: readonly object[]) =>
    expect.poll(() => disk(ec2), { timeout: PATIENCE_MS }).toMatchObject({ kind: 'answered', submissions });

  it('a started submission is on the disk; a second start of it changes nothing', async () => {
    const ec2 = await given.online();
    expect(await disk(ec2)).toEqual({ kind: 'answered', submissions: [] });
    const first = await commands.start(ec2, submission(1), 'http://bucket/one');
    const second = await commands.start(ec2, submission(1), 'http://bucket/one');
    expect([first.kind, second.kind]).toEqual(['sent', 'sent']);
    expect(first).not.toEqual(second);
    await shows(ec2, [{ submission: submission(1), state: 'running', exit: null }]);
  });

  it('a stopped submission exits with what it was told, an unknown one is nobody’s harm', async () => {
    const ec2 = await given.online();
    await commands.start(ec2, submission(1), 'http://bucket/one');
    await shows(ec2, [{ state: 'running' }]);
    expect(await commands.stop(ec2, submission(2), 'abort', 'no reason')).toMatchObject({ kind: 'sent' });
    expect(await commands.stop(ec2, submission(1), 'graceful', 'by alice')).toMatchObject({ kind: 'sent' });
    await shows(ec2, [
      {
        submission: submission(1),
        state: 'exited',
        exit: { cause: 'stopped', status: null, signal: 'SIGTERM' },
      },
    ]);
  });

  it('a machine to which no command may be sent keeps none from the others, and is named', async () => {
    const [well, alsoWell, other] = [await given.online(), await given.online(), await given.online()];
    given.deny(other);
    const probes = await commands.probe([well, other, alsoWell]);
    expect(probes.get(well)).toEqual({ kind: 'answered', submissions: [] });
    expect(probes.get(alsoWell)).toEqual({ kind: 'answered', submissions: [] });
    expect(probes.get(other)).toMatchObject({
      kind: 'unreachable',
      detail: expect.stringContaining('AccessDenied'),
    });
    await expect(commands.touch([well, other, alsoWell])).rejects.toThrow(other);
    await commands.touch([well, alsoWell]);
    await expect(commands.start(other, submission(1), 'http://bucket/one')).rejects.toThrow(other);
  });

  it('a machine that boots, and one that is not there, cannot be reached', async () => {
    for (const ec2 of [await given.booting(), unknown]) {
      expect(await commands.start(ec2, submission(1), 'http://x')).toMatchObject({ kind: 'unreachable' });
      expect(await commands.stop(ec2, submission(1), 'abort', 'x')).toMatchObject({ kind: 'unreachable' });
      expect(await disk(ec2)).toMatchObject({ kind: 'unreachable' });
    }
  });

  it('a machine whose user data has not finished says so, and a start leaves no trace there', async () => {
    const ec2 = await given.unfinished();
    expect(await disk(ec2)).toEqual({ kind: 'booting', message: 'installing' });
    expect(await commands.start(ec2, submission(1), 'http://x')).toMatchObject({ kind: 'sent' });
    expect(await disk(ec2)).toEqual({ kind: 'booting', message: 'installing' });
  });

  it('one machine that cannot be reached does not keep a probe from the others', async () => {
    const [one, two] = [await given.online(), await given.online()];
    await commands.start(two, submission(2), 'http://bucket/two');
    await shows(two, [{ submission: submission(2) }]);
    const probes = await commands.probe([unknown, one, await given.booting(), two]);
    expect(probes.size).toBe(4);
    expect([...probes.values()].map(({ kind }) => kind)).toEqual([
      'unreachable',
      'answered',
      'unreachable',
      'answered',
    ]);
    expect(await commands.probe([])).toEqual(new Map());
  });

  it('those that cannot be reached hear nothing, which is no error', async () => {
    expect(await commands.touch([unknown, await given.online(), await given.booting()])).toBeUndefined();
    expect(await commands.touch([])).toBeUndefined();
  });

  describe('a lost reply', () => {
    it('to a start may be sent again: the submission is there once', async () => {
      const ec2 = await given.online();
      given.loseReply();
      await commands
        .start(ec2, submission(1), 'http://bucket/one')
        .catch(() => 'thrown, by those who do not retry');
      const again = await commands.start(ec2, submission(1), 'http://bucket/one');
      expect(again.kind).toBe('sent');
      await shows(ec2, [{ submission: submission(1), state: 'running' }]);
    });
  });
}
