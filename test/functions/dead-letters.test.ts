import { describe, expect, it } from 'vitest';
import { DeadLetterList, Redriven } from '../../domain/api/dead-letter.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { streamFailureDocument } from '../../infra/local/host/streams/dead-letter.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { finished } from './invariants.ts';

const record = (sequence: string) => ({
  eventID: sequence,
  eventName: 'INSERT' as const,
  dynamodb: { Keys: {}, SequenceNumber: sequence, ApproximateCreationDateTime: 1_795_176_000 },
});

/** What Lambda leaves of a batch that one of the stream's readers could not handle. */
const givenUp = (reader: 'react' | 'publish'): string =>
  JSON.stringify(
    streamFailureDocument(
      {
        condition: 'RetryAttemptsExhausted',
        records: [record('100'), record('103')],
        requestId: 'request-1',
        invocations: 6,
      },
      {
        functionArn: `arn:aws:lambda:us-east-1:000000000000:function:sortie-prod-${reader}`,
        streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/sortie-prod/stream/1',
        shardId: 'shardId-1',
      },
      new Date(0),
    ),
  );

const warning = (ec2: string): string =>
  JSON.stringify({
    version: '0',
    id: 'event-7',
    source: 'aws.ec2',
    'detail-type': 'EC2 Spot Instance Interruption Warning',
    detail: { 'instance-id': ec2, 'instance-action': 'terminate' },
  });

/** What `publish` leaves itself. */
const unpublished = (...keys: string[]): string =>
  JSON.stringify({
    unpublished: keys,
    error: 'Error: the bus does not answer',
    from: '2026-11-20T12:00:00.000Z',
    to: '2026-11-20T12:00:01.000Z',
  });

const list = async (sortie: Sortie) => DeadLetterList.parse(await sortie.get('/v1/dead-letters'));
const redrive = async (sortie: Sortie, body: Record<string, unknown>) =>
  Redriven.parse(await sortie.send('/v1/dead-letters/redrive', body));
const outcomes = ({ letters }: Redriven) => letters.map(({ outcome }) => outcome);

describe('dead letters', () => {
  it('are listed with who gave up, why and where, and what to do; looking changes nothing', async () => {
    const sortie = inMemorySortie();
    sortie.deadLetters.leave(givenUp('react'));
    sortie.deadLetters.leave(givenUp('publish'));
    sortie.deadLetters.leave(warning('i-1'), {
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '20',
    });
    sortie.deadLetters.leave('what is this');
    sortie.deadLetters.leave(unpublished('Fleet-default/3'));
    const { letters, more } = await list(sortie);
    expect(more).toBe('none');
    expect(letters).toMatchObject([
      {
        function: 'react',
        condition: 'RetryAttemptsExhausted',
        attempts: 6,
        at: '2026-11-20T12:00:00.000Z',
        stream: { shard: 'shardId-1', from: '100', to: '103', records: 2 },
        what: expect.stringContaining('2 records of streams that moved at 2026-11-20T12:00:00Z'),
        next: expect.stringContaining('sortie redrive'),
      },
      {
        function: 'publish',
        what: expect.stringContaining('events of 2 commits'),
        next: expect.stringContaining('--discard'),
      },
      {
        function: 'observe',
        condition: 'MaximumRetryAttempts',
        attempts: 20,
        stream: null,
        what: expect.stringContaining('EC2 Spot Instance Interruption Warning of i-1'),
      },
      { function: null, condition: null, body: 'what is this' },
      {
        function: 'publish',
        condition: 'Error: the bus does not answer',
        stream: null,
        what: expect.stringContaining('events of 1 commit '),
        next: expect.stringContaining('sortie redrive'),
      },
    ]);
    expect(await list(sortie)).toEqual({ letters, more });
  });
});

describe('redriving', () => {
  it('a letter of react has sync look at what is unfinished within the minute, and removes it', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 300 } });
    const run = await sortie.submit();
    await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
    // The exit is on the disk alone, and nobody would look for it before three minutes of silence.
    sortie.behaviour.reports = 'lost';
    await sortie.pass(5 * MINUTE + SECOND);
    expect((await sortie.job(run)).phase.kind).toBe('running');
    sortie.deadLetters.leave(givenUp('react'));
    const answer = await redrive(sortie, { letters: 'all' });
    expect(answer.letters).toMatchObject([
      { outcome: 'redriven', message: '1 unfinished stream is due now: sync visits within a minute' },
    ]);
    await sortie.pass(MINUTE);
    expect(await finished(sortie, run)()).toBe(true);
    expect(sortie.deadLetters.ids()).toEqual([]);
  });

  it('a letter of react leaves an idle instance to its time: there is nothing to do for it', async () => {
    const sortie = inMemorySortie();
    await sortie.submit();
    const idle = async () => (await sortie.instances())[0]?.phase.kind === 'idle';
    await sortie.until('idle', idle);
    const dues = () => [...sortie.store.heads.values()].map(({ due }) => due);
    const before = dues();
    sortie.deadLetters.leave(givenUp('react'));
    expect(outcomes(await redrive(sortie, { letters: 'all' }))).toEqual(['redriven']);
    expect(dues()).toEqual(before);
  });

  it('a letter of publish puts on the bus what it names, once more if need be', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit();
    sortie.deadLetters.leave(unpublished(`Run-${run}/1`, `Job-${run}-0/1`));
    sortie.bus.out = true;
    expect((await redrive(sortie, { letters: 'all' })).letters).toMatchObject([
      { outcome: 'kept', message: 'the bus does not answer' },
    ]);
    sortie.bus.out = false;
    expect((await redrive(sortie, { letters: 'all' })).letters).toMatchObject([
      { outcome: 'redriven', message: 'published: 2 events' },
    ]);
    expect(sortie.bus.published).toEqual(sortie.store.commits.slice(0, 2));
    expect(sortie.deadLetters.ids()).toEqual([]);
  });

  it('a letter of publish that names a commit which is not there is kept, and says which', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit();
    sortie.deadLetters.leave(unpublished(`Run-${run}/1`, `Run-${run}/9`));
    expect((await redrive(sortie, { letters: 'all' })).letters).toMatchObject([
      { outcome: 'kept', message: `there is no commit Run-${run}/9` },
    ]);
    expect(sortie.bus.published).toEqual([]);
  });

  it('a letter of observe records what EC2 said', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: null, obey: 5 } });
    const run = await sortie.submit();
    await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
    sortie.deadLetters.leave(warning(sortie.machines()[0]?.ec2 ?? ''));
    expect(outcomes(await redrive(sortie, { letters: 'all' }))).toEqual(['redriven']);
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({ reason: 'interrupted_by_no_capacity' });
  });

  it('twice is once: a letter that is gone is said to be gone, and nothing happens', async () => {
    const sortie = inMemorySortie();
    sortie.deadLetters.leave(givenUp('react'));
    const letters = [...sortie.deadLetters.ids()];
    expect(outcomes(await redrive(sortie, { letters }))).toEqual(['redriven']);
    expect(outcomes(await redrive(sortie, { letters }))).toEqual(['not_there']);
    expect(await redrive(sortie, { letters: 'all' })).toEqual({ letters: [], more: 'none' });
    expect(sortie.store.commits).toEqual([]);
  });

  it('some leaves the others where they are', async () => {
    const sortie = inMemorySortie();
    sortie.deadLetters.leave(givenUp('react'));
    sortie.deadLetters.leave(givenUp('react'));
    const [first = '', second = ''] = sortie.deadLetters.ids();
    expect(outcomes(await redrive(sortie, { letters: [second] }))).toEqual(['redriven']);
    expect((await list(sortie)).letters.map(({ id }) => id)).toEqual([first]);
  });

  it('keeps what it can do nothing about, until it is discarded', async () => {
    const sortie = inMemorySortie();
    sortie.deadLetters.leave(givenUp('publish'));
    sortie.deadLetters.leave('what is this');
    expect(outcomes(await redrive(sortie, { letters: 'all' }))).toEqual(['kept', 'kept']);
    expect((await list(sortie)).letters).toHaveLength(2);
    expect(outcomes(await redrive(sortie, { letters: 'all', action: 'discard' }))).toEqual([
      'discarded',
      'discarded',
    ]);
    expect((await list(sortie)).letters).toEqual([]);
  });

  it('removes no letter whose work could not be recorded, and has it back at once', async () => {
    const sortie = inMemorySortie();
    await sortie.submit();
    sortie.deadLetters.leave(givenUp('react'));
    const { remind } = sortie.on.store;
    sortie.store.remind = async () => {
      throw new Error('DynamoDB does not answer');
    };
    expect(await sortie.send('/v1/dead-letters/redrive', { letters: 'all' })).toMatchObject({ status: 500 });
    expect((await list(sortie)).letters).toHaveLength(1);
    sortie.store.remind = remind;
    expect(outcomes(await redrive(sortie, { letters: 'all' }))).toEqual(['redriven']);
  });

  it('of what no letter can be called is refused', async () => {
    const sortie = inMemorySortie();
    for (const letters of [undefined, [], '', 'some', ['']])
      expect(await sortie.send('/v1/dead-letters/redrive', { letters })).toMatchObject({ status: 400 });
  });

  it('that are not named as ids or as all are asked for as they should be', async () => {
    const { status, body } = await inMemorySortie().request('POST', '/v1/dead-letters/redrive', {});
    expect(status).toBe(400);
    expect(body).toMatchObject({
      detail: expect.stringContaining('letters: must be `all` or a list of ids'),
    });
  });
});
