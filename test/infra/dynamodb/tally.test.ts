import { afterAll, beforeAll, describe } from 'vitest';
import { dynamoTally } from '../../../infra/dynamodb/tally.ts';
import { memoryTally } from '../../fakes/memory-tally.ts';
import { type Engine, startEngine } from './engine.ts';
import { tallyContract } from './tally-contract.ts';

describe('the tally in memory', () => {
  tallyContract(async () => memoryTally());
});

describe('the tally on DynamoDB', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(() => engine.stop());

  tallyContract(async () => dynamoTally(engine.client, await engine.newTable()));
});
