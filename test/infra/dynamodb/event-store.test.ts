import { connect } from 'node:net';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoClient } from '../../../infra/dynamodb/client.ts';
import { dynamoEventStore } from '../../../infra/dynamodb/event-store.ts';
import { dynamoTally } from '../../../infra/dynamodb/tally.ts';
import { type Door, openDoor } from '../../../infra/local/dynamodb/door.ts';
import { createFaults } from '../../../infra/local/wire/faults.ts';
import { memoryEventStore } from '../../fakes/memory-event-store.ts';
import { patientEventStore, type Strike, unkindEventStore } from '../../fakes/unkind-event-store.ts';
import { randomOf } from '../../simulation/random.ts';
import { type Engine, settingsOf, startEngine } from './engine.ts';
import { eventStoreContract } from './event-store-contract.ts';
import { tallyContract } from './tally-contract.ts';

describe('the event store in memory', () => {
  eventStoreContract(async () => memoryEventStore());
});

describe('the event store in memory, among conflicts and throttles', () => {
  const random = randomOf(1, 'strikes');
  let struck = 0;
  const strike: Strike = (call) => {
    if (random() > 0.4) return 'no';
    struck += 1;
    return (call === 'append' || call === 'remind') && random() < 0.5 ? 'conflict' : 'throttle';
  };
  const runtime = { pause: async () => {}, random };
  eventStoreContract(async () => patientEventStore(unkindEventStore(memoryEventStore(), strike), runtime));

  it('which there were', () => expect(struck).toBeGreaterThan(20));
});

describe('on DynamoDB', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(() => engine.stop());

  describe('the event store', () => {
    eventStoreContract(async () => dynamoEventStore(engine.client, await engine.newTable()));
  });

  describe('that is busy', () => {
    let [door, client]: [Door?, DynamoDBDocumentClient?] = [];
    beforeAll(async () => {
      const { hostname: host, port } = new URL(engine.endpoint);
      door = await openDoor({
        connect: async () => connect({ host, port: Number(port) }),
        credentials: settingsOf('').credentials,
        faults: createFaults({ busyStore: 0.3, seed: 7 }),
      });
      // The SDK's own repeats would wait for seconds, and leave nothing to ours.
      client = dynamoClient({ ...settingsOf(door.endpoint), maxAttempts: 1 });
    });
    afterAll(async () => {
      client?.destroy();
      await door?.close();
    });
    const busy = (): DynamoDBDocumentClient => {
      if (client === undefined) throw new Error('not started');
      return client;
    };

    describe('the event store', () => {
      eventStoreContract(async () => dynamoEventStore(busy(), await engine.newTable()));
    });
    describe('the tally', () => {
      tallyContract(async () => dynamoTally(busy(), await engine.newTable()));
    });
  });
});
