import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import { LogsBusy } from '../../../domain/job/logs.ts';
import { awsJson } from '../../../infra/local/aws-json/serve.ts';
import { openLocalDatabase } from '../../../infra/local/database.ts';
import { listen } from '../../../infra/local/listen.ts';
import { openLogStore } from '../../../infra/local/logs/log-store.ts';
import { logsService } from '../../../infra/local/logs/service.ts';
import { cloudWatchLogs } from '../../../infra/logs/logs.ts';
import { memoryLogs } from '../../fakes/memory-logs.ts';
import { credentials, temporaryFolder } from '../local/fixtures/stack.ts';
import { logsContract, readAll, submission } from './logs-contract.ts';

describe('logs in memory', () => {
  logsContract(async () => ({ logs: memoryLogs(), stop: async () => {} }));
});

const group = '/sortie-test/jobs';
const now = 1_794_950_500_000;

async function embeddedLogs(readsPerSecond?: number) {
  const folder = temporaryFolder();
  const database = openLocalDatabase(folder.path);
  const store = openLogStore(database);
  store.addGroup(group, null);
  const service = logsService(store, {
    ...{ region: 'us-east-1', account: '000000000000', now: () => now },
    ...(readsPerSecond !== undefined && { readsPerSecond }),
  });
  const listener = await listen(awsJson([service], credentials), 0);
  const settings = { endpoint: listener.url, credentials };
  return {
    settings,
    adapter: (clock = () => now) => cloudWatchLogs({ region: 'us-east-1', group }, { now: clock }, settings),
    stop: async () => {
      await listener.close();
      database.close();
      folder.remove();
    },
  };
}

describe('CloudWatch Logs over the wire', () => {
  logsContract(async () => {
    const { adapter, stop } = await embeddedLogs();
    return { logs: adapter(), stop };
  });

  it('a read too many is refused as busy, after one call, and nothing is taken for the end', async () => {
    const { adapter, stop } = await embeddedLogs(0.001);
    await adapter().write(submission, { offset: 0, at: 7, data: Buffer.from('x') });
    await expect(adapter().read(submission, { offset: 0, token: null })).rejects.toThrow(LogsBusy);
    await stop();
  });

  it('text is readable in CloudWatch, other bytes are base64', async () => {
    const { adapter, settings, stop } = await embeddedLogs();
    const logs = adapter();
    await logs.write(submission, { offset: 0, at: 7, data: Buffer.from('grüße\n') });
    await logs.write(submission, { offset: 8, at: 8, data: Buffer.from([0xff]) });
    const client = new CloudWatchLogsClient({ region: 'us-east-1', ...settings });
    const { events = [] } = await client.send(
      new GetLogEventsCommand({ logGroupName: group, logStreamName: submission, startFromHead: true }),
    );
    expect(events.map(({ message }) => message)).toEqual([
      '{"offset":0,"at":7,"text":"grüße\\n"}',
      '{"offset":8,"at":8,"base64":"/w=="}',
    ]);
    await stop();
  });

  it('two writers whose clocks differ leave no gap for whoever reads along', async () => {
    const { adapter, stop } = await embeddedLogs();
    const [ahead, behind] = [adapter(() => now + 2_000), adapter(() => now - 2_000)];
    await ahead.write(submission, { offset: 0, at: 1, data: Buffer.from('one ') });
    const { next } = await readAll(ahead);
    await behind.write(submission, { offset: 4, at: 2, data: Buffer.from('two ') });
    await ahead.write(submission, { offset: 8, at: 3, data: Buffer.from('three') });
    expect((await readAll(ahead, next)).bytes.toString()).toBe('two three');
    expect((await readAll(ahead)).bytes.toString()).toBe('one two three');
    await stop();
  });

  it('many pages are read to their end', async () => {
    const { adapter, stop } = await embeddedLogs();
    const logs = adapter();
    const half = Buffer.from('0123456789abcdef'.repeat(65_536));
    for (let n = 0; n < 4; n++) await logs.write(submission, { offset: n * half.length, at: n, data: half });
    const { bytes } = await readAll(logs);
    expect(bytes.equals(Buffer.concat([half, half, half, half]))).toBe(true);
    // A reader that lost its token, near the end.
    const { bytes: last } = await readAll(logs, { offset: 4 * half.length - 3, token: null });
    expect(last.toString()).toBe('def');
    await stop();
  });

  it('a write that CloudWatch drops for its time is thrown, never acknowledged', async () => {
    const { adapter, stop } = await embeddedLogs();
    const logs = adapter(() => now + 3 * 3_600_000);
    const write = logs.write(submission, { offset: 0, at: 1, data: Buffer.from('x') });
    await expect(write).rejects.toThrow('log events refused');
    await stop();
  });

  it('a stream that another writer makes at the same moment is no error', async () => {
    const { adapter, stop } = await embeddedLogs();
    const writers = Array.from({ length: 5 }, () => adapter());
    const data = Buffer.from('x');
    await Promise.all(writers.map((logs, n) => logs.write(submission, { offset: n, at: 1, data })));
    expect((await readAll(adapter())).bytes.toString()).toBe('xxxxx');
    await stop();
  });

  it('a log group that does not exist is an error for writers and readers', async () => {
    const { settings, stop } = await embeddedLogs();
    const logs = cloudWatchLogs({ region: 'us-east-1', group: '/none' }, { now: () => now }, settings);
    await expect(logs.write(submission, { offset: 0, at: 1, data: Buffer.from('x') })).rejects.toThrow(
      'log group',
    );
    await expect(logs.read(submission, { offset: 0, token: null })).rejects.toThrow('log group');
    await stop();
  });

  it('an event that is none of ours fails loudly', async () => {
    const { adapter, settings, stop } = await embeddedLogs();
    const client = new CloudWatchLogsClient({ region: 'us-east-1', ...settings });
    const place = { logGroupName: group, logStreamName: submission };
    await client.send(new CreateLogStreamCommand(place));
    await client.send(
      new PutLogEventsCommand({ ...place, logEvents: [{ timestamp: now, message: 'hello' }] }),
    );
    await expect(adapter().read(submission, { offset: 0, token: null })).rejects.toBeInstanceOf(Error);
    await stop();
  });
});
