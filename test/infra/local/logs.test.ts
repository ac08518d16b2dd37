import {
  CloudWatchLogsClient,
  CloudWatchLogsServiceException,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogStreamCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awsJson } from '../../../infra/local/aws-json/serve.ts';
import { openLocalDatabase } from '../../../infra/local/database.ts';
import { type Listener, listen } from '../../../infra/local/listen.ts';
import { openLogStore } from '../../../infra/local/logs/log-store.ts';
import { logsService } from '../../../infra/local/logs/service.ts';
import { credentials, temporaryFolder } from './fixtures/stack.ts';

const folder = temporaryFolder();
const database = openLocalDatabase(folder.path);
const store = openLogStore(database);
store.addGroup('/fixture/jobs', 1);
const logGroupName = '/fixture/jobs';
const NOW = Date.UTC(2026, 10, 20, 12);
let listener: Listener;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  const service = logsService(store, { region: 'us-east-1', account: '123456789012', now: () => NOW });
  listener = await listen(awsJson([service], credentials), 0);
  logs = new CloudWatchLogsClient({
    endpoint: listener.url,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
});
afterAll(async () => {
  logs.destroy();
  await listener.close();
  database.close();
  folder.remove();
});

async function refusal(
  call: Promise<unknown>,
): Promise<{ name: string; status: number | undefined; message: string }> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CloudWatchLogsServiceException))
    throw new Error('an error was expected', { cause: error });
  return { name: error.name, status: error.$metadata.httpStatusCode, message: error.message };
}

let counter = 0;
async function newStream(): Promise<string> {
  const logStreamName = `stream/${++counter}`;
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  return logStreamName;
}
const put = (logStreamName: string, logEvents: { timestamp: number; message: string }[]) =>
  logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
const at = (offset: number, message: string) => ({ timestamp: NOW + offset, message });
const page = async (logStreamName: string, more: Partial<GetLogEventsCommandInput> = {}) => {
  const input = { logGroupName, logStreamName, startFromHead: true, ...more };
  const { events, nextForwardToken, nextBackwardToken } = await logs.send(new GetLogEventsCommand(input));
  return {
    messages: events?.map(({ message }) => message),
    forward: nextForwardToken,
    backward: nextBackwardToken,
  };
};

describe('groups and streams', () => {
  test('are made once', async () => {
    const logStreamName = await newStream();
    expect(
      await refusal(logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }))),
    ).toMatchObject({
      name: 'ResourceAlreadyExistsException',
      status: 400,
    });
    expect((await refusal(logs.send(new CreateLogGroupCommand({ logGroupName })))).name).toBe(
      'ResourceAlreadyExistsException',
    );
  });

  test('that are missing are ResourceNotFoundException', async () => {
    const event = [at(0, 'x')];
    const nowhere = new PutLogEventsCommand({
      logGroupName: 'nowhere',
      logStreamName: 's',
      logEvents: event,
    });
    expect(await refusal(logs.send(nowhere))).toEqual({
      name: 'ResourceNotFoundException',
      status: 400,
      message: 'The specified log group does not exist.',
    });
    expect(await refusal(put('missing', event))).toMatchObject({
      message: 'The specified log stream does not exist.',
    });
    expect((await refusal(page('missing'))).name).toBe('ResourceNotFoundException');
  });

  test('are described by prefix, and gone with their events when deleted', async () => {
    const logStreamName = await newStream();
    await put(logStreamName, [at(0, 'a'), at(5, 'b')]);
    const describeIt = () =>
      logs.send(new DescribeLogStreamsCommand({ logGroupName, logStreamNamePrefix: logStreamName }));
    expect((await describeIt()).logStreams).toMatchObject([
      { logStreamName, firstEventTimestamp: NOW, lastEventTimestamp: NOW + 5 },
    ]);
    await logs.send(new DeleteLogStreamCommand({ logGroupName, logStreamName }));
    expect((await describeIt()).logStreams).toEqual([]);
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    expect((await page(logStreamName)).messages).toEqual([]);
  });

  test('have names by their patterns', async () => {
    const bad = new CreateLogStreamCommand({ logGroupName, logStreamName: 'a:b' });
    expect((await refusal(logs.send(bad))).name).toBe('InvalidParameterException');
  });
});

describe('a batch', () => {
  test('out of order is refused whole', async () => {
    const stream = await newStream();
    expect(await refusal(put(stream, [at(1, 'late'), at(0, 'early')]))).toEqual({
      name: 'InvalidParameterException',
      status: 400,
      message: 'Log events in a single PutLogEvents request must be in chronological order.',
    });
    expect((await page(stream)).messages).toEqual([]);
  });

  test('over 1 MB, or with an event over 1 MB, or of more than 24 hours, is refused whole', async () => {
    const stream = await newStream();
    const half = 'x'.repeat(524_288);
    expect(await refusal(put(stream, [at(0, half), at(0, half)]))).toMatchObject({
      name: 'InvalidParameterException',
      message: 'Upload too large: 1048628 bytes exceeds limit of 1048576',
    });
    expect((await refusal(put(stream, [at(0, `${half}${half}x`)]))).message).toMatch(/^Log event too large/);
    const wide = await newStream();
    store.addGroup('/no-retention', null);
    const wideInput = {
      logGroupName: '/no-retention',
      logStreamName: wide,
      logEvents: [at(-25 * 3_600_000, 'a'), at(0, 'b')],
    };
    await logs.send(new CreateLogStreamCommand({ logGroupName: '/no-retention', logStreamName: wide }));
    expect((await refusal(logs.send(new PutLogEventsCommand(wideInput)))).message).toMatch(
      /span more than 24 hours/,
    );
  });

  test('with a line as large as fits is stored', async () => {
    const stream = await newStream();
    const message = 'y'.repeat(1_048_576 - 26);
    await put(stream, [at(0, message)]);
    expect((await page(stream)).messages).toEqual([message]);
  });

  test('keeps what is neither too old, expired nor too new, and says what it left out', async () => {
    const stream = await newStream();
    const day = 86_400_000;
    const answer = await put(stream, [
      at(-15 * day, 'too old'),
      at(-2 * day, 'past the retention of a day'),
      at(0, 'kept'),
      at(3 * 3_600_000, 'too new'),
    ]);
    expect(answer.rejectedLogEventsInfo).toEqual({
      tooOldLogEventEndIndex: 1,
      expiredLogEventEndIndex: 2,
      tooNewLogEventStartIndex: 3,
    });
    expect((await page(stream)).messages).toEqual(['kept']);
  });

  test('of nothing, or without a name, is refused', async () => {
    expect((await refusal(put(await newStream(), []))).name).toBe('InvalidParameterException');
    const nameless = new PutLogEventsCommand({
      logGroupName,
      logStreamName: undefined,
      logEvents: [at(0, 'x')],
    });
    expect((await refusal(logs.send(nameless))).message).toContain("Value null at 'logStreamName'");
  });
});

describe('reading', () => {
  test('from the head goes on where it stopped; at the end the token stays the same until more comes', async () => {
    const stream = await newStream();
    await put(stream, [at(0, 'a'), at(0, 'b'), at(1, 'c')]);
    const first = await page(stream, { limit: 2 });
    const second = await page(stream, { nextToken: first.forward });
    const end = await page(stream, { nextToken: second.forward });
    expect([first.messages, second.messages, end.messages]).toEqual([['a', 'b'], ['c'], []]);
    expect(end.forward).toBe(second.forward);
    await put(stream, [at(2, 'd')]);
    expect((await page(stream, { nextToken: end.forward })).messages).toEqual(['d']);
  });

  test('from the tail gives the latest, and goes back to the first', async () => {
    const stream = await newStream();
    await put(
      stream,
      ['a', 'b', 'c', 'd', 'e'].map((message, index) => at(index, message)),
    );
    const last = await page(stream, { startFromHead: false, limit: 2 });
    const middle = await page(stream, { nextToken: last.backward, limit: 2 });
    const first = await page(stream, { nextToken: middle.backward, limit: 2 });
    const before = await page(stream, { nextToken: first.backward, limit: 2 });
    expect([last.messages, middle.messages, first.messages, before.messages]).toEqual([
      ['d', 'e'],
      ['b', 'c'],
      ['a'],
      [],
    ]);
    expect(before.backward).toBe(first.backward);
    expect((await page(stream, { nextToken: before.forward })).messages).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('is bounded by time, and by 1 MB a page', async () => {
    const stream = await newStream();
    await put(stream, [at(0, 'a'), at(1, 'b'), at(2, 'c')]);
    expect((await page(stream, { startTime: NOW + 1, endTime: NOW + 2 })).messages).toEqual(['b']);
    const large = await newStream();
    for (let index = 0; index < 3; index++) await put(large, [at(index, 'z'.repeat(600_000))]);
    expect((await page(large)).messages).toHaveLength(1);
  });

  test('with a token of its own making is refused', async () => {
    const stream = await newStream();
    expect((await refusal(page(stream, { nextToken: 'f/nonsense' }))).message).toBe(
      'The specified nextToken is invalid.',
    );
  });
});
