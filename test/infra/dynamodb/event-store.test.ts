import { afterAll, beforeAll, describe } from 'vitest';
import { dynamoEventStore } from '../../../infra/dynamodb/event-store.ts';
import { memoryEventStore } from '../../fakes/memory-event-store.ts';
import { type Engine, startEngine } from './engine.ts';
import { eventStoreContract } from './event-store-contract.ts';

describe('the event store in memory', () => {
  eventStoreContract(async () => memoryEventStore());
});

describe('the event store on DynamoDB', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(() => engine.stop());

  eventStoreContract(async () => dynamoEventStore(engine.client, await engine.newTable()));
});
