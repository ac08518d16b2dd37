import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dynamoEventStore } from '../../infra/dynamodb/event-store.ts';
import { type Engine, startEngine } from '../infra/dynamodb/engine.ts';
import { createFleet, submitRun } from '../infra/dynamodb/given-streams.ts';
import { given } from './sortie.ts';

const { world, sortie } = given();
let engine: Engine;
let table = '';
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());
/** An embedded Sortie's data folder, as it leaves it for `verify`. */
beforeEach(async () => {
  table = await engine.newTable();
  const store = dynamoEventStore(engine.client, table);
  await createFleet(store, 'default', 1);
  await submitRun(store, 1, 2);
  mkdirSync(join(world.folder, '.sortie'));
  const endpoints = { api: world.url, dynamodb: engine.endpoint, table };
  writeFileSync(join(world.folder, '.sortie/endpoints.json'), JSON.stringify(endpoints));
  writeFileSync(
    join(world.folder, '.sortie/credentials'),
    'aws_access_key_id = local\naws_secret_access_key = local\n',
  );
});

test('every head is what its events say', async () => {
  expect(await sortie('verify')).toEqual({
    code: 0,
    stdout: '3 streams, 3 commits: every head is what its events say\n',
    stderr: '',
  });
});

test('a head that is not is shown, and the exit code says so', async () => {
  const damage = new UpdateCommand({
    TableName: table,
    Key: { pk: 'Fleet-default', sk: 'head' },
    UpdateExpression: 'SET #view = :view',
    ExpressionAttributeNames: { '#view': 'view' },
    ExpressionAttributeValues: { ':view': '{"shape":1,"view":{"instances":99}}' },
  });
  await engine.client.send(damage);
  const { code, stdout } = await sortie('verify');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Fleet-default {2}view: stored .*99/);
  expect(stdout).toContain('3 streams, 3 commits: 1 mismatch\n');
});

test('a table that is not there is named', async () => {
  const endpoints = { api: world.url, dynamodb: engine.endpoint, table: 'none' };
  writeFileSync(join(world.folder, '.sortie/endpoints.json'), JSON.stringify(endpoints));
  const { code, stderr } = await sortie('verify');
  expect(code).toBe(3);
  expect(stderr).toMatch(
    /^error: cannot read table none at http:\/\/127\.0\.0\.1:\d+: .+\n {2}next: is Sortie running/,
  );
});
