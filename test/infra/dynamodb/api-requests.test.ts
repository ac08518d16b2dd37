import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { app } from '../../../functions/api/app.ts';
import type { Routes } from '../../../functions/api/context.ts';
import { dynamoEventStore } from '../../../infra/dynamodb/event-store.ts';
import { systemRuntime } from '../../../infra/runtime.ts';
import { memoryApi } from '../../cli/memory-api.ts';
import { type Engine, startEngine } from './engine.ts';

// What is known by its key is asked for once, and together with what else is known: each request is a way to DynamoDB and back.

let engine: Engine;
let routes: Routes;
let requests: string[] = [];

beforeAll(async () => {
  engine = await startEngine();
  engine.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        requests.push(String(commandName).replace(/Command$/, ''));
        return next(args);
      },
    { step: 'initialize', name: 'counted' },
  );
});
afterAll(() => engine.stop());

beforeEach(async () => {
  const runtime = systemRuntime();
  const store = dynamoEventStore(engine.client, await engine.newTable());
  routes = app({ ...memoryApi().api, runtime, store }, (error) => {
    throw error;
  });
});

const event = { requestContext: { authorizer: { lambda: { user: 'alice', project: 'main' } } } };

/** The answer to a request, and the requests that it made of DynamoDB, in order. */
async function asked(
  method: string,
  path: string,
  configuration?: object,
  headers: Record<string, string> = {},
) {
  requests = [];
  const init = configuration && {
    body: JSON.stringify({ configuration }),
    headers: { 'content-type': 'application/json', ...headers },
  };
  const answer = await routes.request(path, { method, ...init }, { event, lambdaContext: {} });
  return { status: answer.status, body: (await answer.json()) as { id: string; name: string }, requests };
}

const task = { type: 'task', commands: ['true'] };

test('a run is submitted in two reads, a write, and a look at the queue that it joins', async () => {
  const first = await asked('POST', '/v1/runs', task);
  expect(first).toMatchObject({
    status: 201,
    requests: ['BatchGetItem', 'BatchGetItem', 'TransactWriteItems', 'Query'],
  });
  const key = { 'idempotency-key': 'once' };
  const keyed = await asked('POST', '/v1/runs', { ...task, name: 'keyed' }, key);
  expect(keyed.requests.slice(0, 3)).toEqual(['BatchGetItem', 'BatchGetItem', 'TransactWriteItems']);
  expect(await asked('POST', '/v1/runs', { ...task, name: 'keyed' }, key)).toMatchObject({
    status: 200,
    body: { id: keyed.body.id },
    requests: ['BatchGetItem', 'BatchGetItem', 'BatchGetItem'],
  });
});

test('a run is shown in one read by its id, in two if it has several jobs, in three by its name', async () => {
  const one = (await asked('POST', '/v1/runs', task)).body;
  const reads = async (path: string) => {
    const { status, requests: made } = await asked('GET', path);
    expect(status).toBe(200);
    // The queue is read once in two seconds, whoever asks.
    return made.filter((request) => request !== 'Query');
  };
  expect(await reads(`/v1/runs/${one.id}`)).toEqual(['BatchGetItem']);
  expect(await reads(`/v1/runs/${one.name}`)).toEqual(['BatchGetItem', 'BatchGetItem', 'BatchGetItem']);
  const several = (await asked('POST', '/v1/runs', { ...task, nodes: 5, stop_duration: 60 })).body;
  expect(await reads(`/v1/runs/${several.id}`)).toEqual(['BatchGetItem', 'BatchGetItem']);
});

test('a list is one read, a stopped run is answered after one more than the stop itself', async () => {
  const { id } = (await asked('POST', '/v1/runs', task)).body;
  expect((await asked('GET', '/v1/runs')).requests).toEqual(['Query']);
  expect((await asked('GET', '/v1/runs?status=all')).requests).toEqual(['Query']);
  const stopped = await asked('POST', `/v1/runs/${id}/stop`);
  expect(stopped).toMatchObject({ status: 202 });
  const written = stopped.requests.lastIndexOf('TransactWriteItems');
  expect(stopped.requests.slice(written + 1)).toEqual(['BatchGetItem']);
});
