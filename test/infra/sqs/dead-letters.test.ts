import { describe, expect, it } from 'vitest';
import { awsJson } from '../../../infra/local/aws-json/serve.ts';
import { openLocalDatabase } from '../../../infra/local/database.ts';
import { listen } from '../../../infra/local/listen.ts';
import { openQueues } from '../../../infra/local/sqs/queues.ts';
import { sqsService } from '../../../infra/local/sqs/service.ts';
import { sqsDeadLetters } from '../../../infra/sqs/dead-letters.ts';
import { memoryDeadLetters } from '../../fakes/memory-dead-letters.ts';
import { credentials, temporaryFolder } from '../local/fixtures/stack.ts';
import { deadLettersContract } from './dead-letters-contract.ts';

const T0 = 1_000_000;

describe('dead letters in memory', () => {
  deadLettersContract(async () => {
    let now = T0;
    const letters = memoryDeadLetters(() => now);
    const pass = (milliseconds: number) => {
      now += milliseconds;
    };
    return { letters, leave: letters.leave, pass, stop: async () => {} };
  });
});

async function embeddedQueue() {
  const folder = temporaryFolder();
  const database = openLocalDatabase(folder.path);
  let now = T0;
  const queues = openQueues(database, ['letters'], () => now);
  const listener = await listen(awsJson([sqsService(queues)], credentials), 0);
  const at = (name: string) =>
    sqsDeadLetters(
      { region: 'us-east-1', queue: `${listener.url}/123456789012/${name}` },
      { endpoint: listener.url, credentials, maxAttempts: 1 },
    );
  return {
    letters: at('letters'),
    elsewhere: at('none'),
    leave: (body: string, attributes: Readonly<Record<string, string>> = {}) => {
      queues.send('letters', body, { ...attributes });
    },
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    stop: async () => {
      await listener.close();
      database.close();
      folder.remove();
    },
  };
}

describe('SQS over the wire', () => {
  deadLettersContract(embeddedQueue);

  it('a queue that is not there is an outage', async () => {
    const { elsewhere, stop } = await embeddedQueue();
    await expect(elsewhere.take(1)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await stop();
  });
});
