import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LocalDatabase, openLocalDatabase } from '../../../infra/local/database.ts';
import { createAsynchronous } from '../../../infra/local/host/asynchronous.ts';
import type { LambdaFunction } from '../../../infra/local/host/functions/invoke.ts';
import { runSchedules } from '../../../infra/local/host/schedules.ts';
import type { StreamMapping } from '../../../infra/local/host/service/deployment.ts';
import { type Checkpoints, openCheckpoints } from '../../../infra/local/host/streams/checkpoints.ts';
import { noFaults } from '../../../infra/local/host/streams/faults.ts';
import { runMapping } from '../../../infra/local/host/streams/mapping.ts';
import type { StreamRecord, StreamsApi } from '../../../infra/local/host/streams/streams-api.ts';
import { defaultTimings } from '../../../infra/local/host/timings.ts';
import { until } from './cloud/until.ts';

const full = () => {
  throw new Error('database or disk is full');
};

describe('on a full disk the embedded Lambda', () => {
  let folder: string;
  let database: LocalDatabase;
  let warnings: string[];
  const hear = (warning: Error) => warnings.push(warning.message);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sortie-full-'));
    database = openLocalDatabase(folder);
    warnings = [];
    process.on('warning', hear);
  });
  afterEach(() => {
    process.off('warning', hear);
    database.close();
    rmSync(folder, { recursive: true });
  });

  /** The first writes of a checkpoint find no room. */
  function checkpointsWithoutRoom(times: number): Checkpoints & { tries: string[] } {
    const real = openCheckpoints(database);
    const tries: string[] = [];
    return {
      ...real,
      tries,
      save(...given) {
        tries.push(given[3].sequence);
        if (tries.length <= times) full();
        real.save(...given);
      },
    };
  }

  function mapped(stream: { records: StreamRecord[] }, checkpoints: Checkpoints, how: How) {
    const seen: string[] = [];
    const target = {
      definition: { arn: 'arn:of:react' },
      invoke: async (event: { Records: StreamRecord[] }) => {
        seen.push(...event.Records.map(({ dynamodb }) => dynamodb.SequenceNumber));
        return how.answer === 'done'
          ? { kind: 'returned', requestId: 'r', payload: null }
          : { kind: 'failed', requestId: 'r', error: { errorType: 'E', errorMessage: '', trace: [] } };
      },
    } as unknown as LambdaFunction;
    const running = runMapping(mapping(how.start ?? 'TRIM_HORIZON'), {
      api: apiOf(stream),
      target,
      checkpoints,
      deadLetter: how.deadLetter ?? (() => {}),
      faults: noFaults(),
      timings: { ...defaultTimings, retryMs: 1, pollMs: 1, busyPollMs: 1 },
      writes: null,
      region: 'us-east-1',
      log: { during: (_, work) => work(), write: () => {}, close: async () => {} },
    });
    return { seen, running };
  }

  test('goes on with a stream whose checkpoint cannot be kept, says why, and keeps the next', async () => {
    const checkpoints = checkpointsWithoutRoom(1);
    const stream = { records: [record('1')] };
    const { seen, running } = mapped(stream, checkpoints, { answer: 'done' });
    await until(() => checkpoints.tries.length === 1);
    expect(checkpoints.load('react', 'arn')).toBeNull();
    stream.records.push(record('2'));
    await until(() => checkpoints.load('react', 'arn')?.sequence === '2');
    await (await running).close();
    expect(seen).toEqual(['1', '2']);
    expect(warnings).toEqual([expect.stringMatching(/react.*database or disk is full/)]);
  });

  test('delivers a record again after a restart where its checkpoint was not kept', async () => {
    const stream = { records: [record('1')] };
    const lost = checkpointsWithoutRoom(1);
    const first = mapped(stream, lost, { answer: 'done' });
    await until(() => lost.tries.length === 1);
    await (await first.running).close();
    const second = mapped(stream, openCheckpoints(database), { answer: 'done' });
    await until(() => second.seen.length === 1);
    await (await second.running).close();
    expect(second.seen).toEqual(['1']);
  });

  test('delivers a record again where its dead letter found no room, until the letter is there', async () => {
    const letters: object[] = [];
    let tries = 0;
    const deadLetter = (_: string, letter: object) => {
      tries += 1;
      if (tries === 1) full();
      letters.push(letter);
    };
    const checkpoints = openCheckpoints(database);
    const { seen, running } = mapped({ records: [record('1')] }, checkpoints, {
      answer: 'failed',
      deadLetter,
    });
    await until(() => checkpoints.load('react', 'arn')?.sequence === '1');
    await (await running).close();
    expect(seen).toEqual(['1', '1']);
    expect(letters).toHaveLength(1);
    expect(warnings).toEqual([expect.stringMatching(/react.*database or disk is full/)]);
  });

  test('begins where it first looked, however often that could not be written down', async () => {
    const checkpoints = checkpointsWithoutRoom(2);
    const stream = { records: [record('1')] };
    const { seen, running } = mapped(stream, checkpoints, { answer: 'done', start: 'LATEST' });
    await until(() => checkpoints.load('react', 'arn')?.sequence === '1');
    stream.records.push(record('2'));
    await until(() => checkpoints.load('react', 'arn')?.sequence === '2');
    await (await running).close();
    expect(seen).toEqual(['2']);
  });

  test('fires the next schedule where the last found no room', async () => {
    const fired: string[] = [];
    const schedules = runSchedules({
      schedules: [{ name: 'each-minute', function: 'sync', everyMinutes: 1, input: null }],
      timings: { minuteMs: 1 },
      region: 'us-east-1',
      account: '1',
      deliver: (name) => {
        fired.push(name);
        if (fired.length === 1) full();
      },
    });
    await until(() => fired.length > 1);
    schedules.close();
    expect(warnings).toEqual(['schedule each-minute was not fired: database or disk is full']);
  });

  test('repeats an invocation of which it could not be written down that it is done', async () => {
    const event = { hello: 'there' };
    const seen: unknown[] = [];
    const target = {
      definition: { asynchronous: { retries: 0, maximumAgeSeconds: 60 } },
      invoke: async (given: unknown) => {
        seen.push(given);
        return { kind: 'returned', requestId: 'r', payload: null };
      },
    } as unknown as LambdaFunction;
    const asynchronous = createAsynchronous({
      database: withoutRoomFor(database, 'DELETE FROM invocations', 1),
      functions: new Map([['sync', target]]),
      timings: { minuteMs: 1 },
      send: () => {},
    });
    asynchronous.enqueue('sync', event);
    const left = () => database.prepare('SELECT COUNT(*) AS count FROM invocations').get()?.['count'];
    await until(() => seen.length === 2 && left() === 0);
    await asynchronous.close();
    expect(seen).toEqual([event, event]);
    expect(warnings).toEqual(['an invocation of sync is repeated: database or disk is full']);
  });
});

type How = {
  answer: 'done' | 'failed';
  start?: StreamMapping['start'];
  deadLetter?: (arn: string, letter: object) => void;
};

const record = (sequence: string): StreamRecord => ({
  eventID: sequence,
  eventName: 'INSERT',
  dynamodb: { Keys: { pk: { S: 'k' } }, SequenceNumber: sequence, ApproximateCreationDateTime: 1 },
});

const mapping = (start: StreamMapping['start']): StreamMapping => ({
  ...{ id: 'react', function: 'react', table: 'things', batchSize: 10, batchWindowSeconds: 0, lanes: 1 },
  ...{ start, retries: 0, maximumRecordAgeSeconds: -1, onError: 'bisect', response: 'whole-batch' },
  ...{ filters: [], onFailureArn: 'arn:of:letters' },
});

/** A stream of one shard, whose iterators are the numbers of its records. */
const apiOf = ({ records }: { records: StreamRecord[] }): StreamsApi => ({
  describeTable: async () => ({ streamArn: 'arn' }),
  shards: async () => [{ ShardId: 'shard' }],
  iterator: async (_arn, _shard, from) =>
    from === 'TRIM_HORIZON'
      ? '0'
      : String(1 + records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === from.after)),
  records: async (iterator) => ({ records: records.slice(Number(iterator)), next: String(records.length) }),
  close: () => {},
});

/** The same database, where the first so many runs of the statements that begin so find no room. */
function withoutRoomFor(database: LocalDatabase, beginning: string, times: number): LocalDatabase {
  let tries = 0;
  return new Proxy(database, {
    get(target, name) {
      if (name === 'exec') return target.exec.bind(target);
      return (sql: string) => {
        const statement = target.prepare(sql);
        if (!sql.startsWith(beginning)) return statement;
        return { run: (...given: never[]) => (++tries <= times ? full() : statement.run(...given)) };
      };
    },
  });
}
