import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { Environment as api } from '../../functions/api/environment.ts';
import { Environment as authorize } from '../../functions/authorize/environment.ts';
import { Environment as observe } from '../../functions/observe/environment.ts';
import { Environment as publish } from '../../functions/publish/environment.ts';
import { Environment as reactions } from '../../functions/react/environment.ts';
import { Environment as refresh } from '../../functions/refresh/environment.ts';
import { ofType, synthesise, type Template } from './template.ts';

let resources: Template = {};
beforeAll(async () => {
  resources = await synthesise();
}, 120_000);

const variables = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) });

test.each([
  ['Api', api],
  ['Authorize', authorize],
  ['Observe', observe],
  ['Publish', publish],
  ['React', reactions],
  ['Sync', reactions],
  ['Refresh', refresh],
])('%s is given the environment that it reads, and nothing else', (name, schema) => {
  const given = ofType(resources, 'AWS::Lambda::Function', variables).get(`${name}LambdaFunction`);
  expect(Object.keys(given?.Environment.Variables ?? {}).sort()).toEqual(Object.keys(schema.shape).sort());
});
