import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { deploy, readService } from '../../../infra/local/host/service/deploy.ts';
import { fixtureService, serviceFile, temporaryFolder } from './fixtures/stack.ts';

const addresses = { apiUrl: 'http://127.0.0.1:3000', sqsUrl: 'http://127.0.0.1:4000' };
const folder = temporaryFolder();
afterAll(() => folder.remove());

/** The fixture, written down in other words. */
function changed(from: string | RegExp, to: string, params: Record<string, string> = { greeting: 'x' }) {
  const file = join(folder.path, 'serverless.yml');
  const text = readFileSync(serviceFile, 'utf8').replace('${file(./document.json)}', 'text');
  const other = text.replace(from, to);
  if (other === text) throw new Error(`the fixture has no ${String(from)}`);
  writeFileSync(file, other);
  return deploy(readService({ file, stage: 'prod', region: 'us-east-1', account: '1', params }), addresses);
}

describe('serverless.yml', () => {
  const deployment = deploy(fixtureService(), addresses);
  const environmentOf = (name: string) => deployment.functions.find((one) => one.name === name)?.environment;

  test('gives each function its environment, variables and references evaluated', () => {
    expect(environmentOf('api')).toEqual({
      TABLE: 'fixture-test-things',
      GREETING: 'hello from a file',
      OWN: 'only-api',
      URL: 'http://127.0.0.1:3000',
      DEAD_LETTERS: 'http://127.0.0.1:4000/123456789012/fixture-test-dead-letters',
      BUS_ARN: 'arn:aws:events:us-east-1:123456789012:event-bus/fixture-bus',
    });
    expect(environmentOf('react')).toMatchObject({ OWN: 'only-react' });
  });

  test('takes parameters given at the start before those of the stage and the defaults', () => {
    expect(
      deploy(fixtureService({ greeting: 'given' }), addresses).functions[0]?.environment['GREETING'],
    ).toBe('given');
    expect(changed('retries: 2', 'retries: 3', {}).functions[0]?.environment['GREETING']).toBe('hello');
  });

  test('gives the resources that the local services need', () => {
    expect(deployment).toMatchObject({
      queues: ['fixture-test-dead-letters'],
      buses: ['default', 'fixture-bus'],
      buckets: ['fixture-123456789012'],
      logGroups: [{ name: '/fixture/jobs', retentionDays: 14 }],
      documents: [
        { name: 'fixture-start-job', content: { schemaVersion: '2.2' }, type: 'Command', format: 'JSON' },
      ],
      tables: [{ TableName: 'fixture-test-things', StreamSpecification: { StreamViewType: 'NEW_IMAGE' } }],
    });
  });

  test('gives routes, mappings, schedules and rules', () => {
    expect(deployment.routes.slice(0, 4)).toEqual([
      { key: 'GET /plain', function: 'api', authorizer: null },
      { key: 'ANY /echo/{id}', function: 'api', authorizer: null },
      { key: 'GET /echo/fixed', function: 'api', authorizer: null },
      { key: 'ANY /files/{proxy+}', function: 'api', authorizer: null },
    ]);
    expect(deployment.mappings[0]).toMatchObject({
      table: 'fixture-test-things',
      lanes: 4,
      retries: 2,
      onError: 'bisect',
      response: 'ReportBatchItemFailures',
      onFailureArn: 'arn:aws:sqs:us-east-1:123456789012:fixture-test-dead-letters',
    });
    expect(deployment.schedules.map(({ everyMinutes, input }) => [everyMinutes, input])).toEqual([
      [1, undefined],
      [60, { hourly: true }],
    ]);
    expect(deployment.rules.map(({ bus }) => bus)).toEqual(['default', 'fixture-bus']);
  });
});

describe('what the host does not understand stops it, with the path:', () => {
  test.each<[string, string | RegExp, string, RegExp]>([
    [
      'a setting',
      'batchWindow: 1',
      'tumblingWindowInSeconds: 1',
      /functions\.publish\.events\[0\]\.stream: Unrec.*tumbling/,
    ],
    [
      'a value',
      'batchSize: 100',
      'batchSize: 0',
      /functions\.publish\.events\[0\]\.stream\.batchSize: Too small/,
    ],
    [
      'a kind of event',
      '- schedule: rate(1 minute)',
      '- sns: topic',
      /functions\.sync\.events\[0\]: one of httpApi/,
    ],
    ['a cron', 'rate(1 minute)', 'cron(0 12 * * ? *)', /events\[0\]\.schedule: the host runs rate/],
    ['a variable source', '${self:service}', '${ssm:/x}', /custom\.table: the host reads/],
    [
      'a variable without a value',
      '${self:service}',
      '${param:none}',
      /custom\.table: \${param:none} has no value/,
    ],
    ['a variable that refers to itself', 'retries: 2', 'retries: ${self:custom.retries}', /refers to itself/],
    ['an intrinsic', '!Ref Things', '!ImportValue x', /ImportValue/],
    [
      'a reference to nothing',
      '!Ref Things',
      '!Ref Nothing',
      /provider\.environment\.TABLE\.Ref: there is no resource/,
    ],
    ['an attribute', 'Things.StreamArn', 'Things.Color', /no attribute Color of a AWS::DynamoDB::Table/],
    ['an authorizer', 'authorizer: token', 'authorizer: nobody', /there is no authorizer nobody/],
    ['a filter', 'prefix: "0"', 'wildcard: "0"', /filterPatterns\[0\]\.dynamodb\.Keys\.sk\.S\[0\]\.wildcard/],
    ['a route', 'GET /plain', 'FETCH /plain', /"FETCH \/plain" is not a route/],
    [
      'an identity source',
      '$request.header.authorization',
      '$request.body.x',
      /identitySource: the host does not read/,
    ],
  ])('%s', (_, from, to, message) => {
    expect(() => changed(from, to)).toThrow(message);
  });
});
