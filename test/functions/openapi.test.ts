import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { app } from '../../functions/api/app.ts';
import { openapi } from '../../functions/api/openapi.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { memoryApi } from '../cli/memory-api.ts';

const committed = readFileSync(new URL('../../functions/api/openapi.json', import.meta.url), 'utf8');

const Operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()).min(1),
  parameters: z.array(z.object({ in: z.enum(['path', 'query', 'header']), name: z.string() })).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })) }).optional(),
  responses: z.record(z.string().regex(/^[2-5]\d\d$/), z.looseObject({ description: z.string().min(1) })),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
});
const Document = z.object({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.object({ title: z.string(), version: z.string() }),
  tags: z.array(z.object({ name: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  components: z.object({
    schemas: z.record(z.string(), z.unknown()),
    securitySchemes: z.record(z.string(), z.object({ type: z.literal('http'), scheme: z.literal('bearer') })),
  }),
  paths: z.record(
    z.string().startsWith('/'),
    z.record(z.enum(['get', 'post', 'delete']), Operation.optional()),
  ),
});
const document = Document.parse(JSON.parse(committed));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, operation]) =>
    operation ? [{ route: `${method.toUpperCase()} ${path}`, path, operation }] : [],
  ),
);

describe('the OpenAPI document', () => {
  test('is the one its schemas make: after a change run `node functions/api/write-openapi.ts`', () => {
    expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(openapi(packageJson.version))));
  });

  test('describes every route of the app, and no other', () => {
    const routed = app(memoryApi().api, () => {})
      .routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}').replace(/(.)\/$/, '$1')}`);
    expect(operations.map(({ route }) => route).sort()).toEqual([...new Set(routed)].sort());
  });

  test('refers only to what is there', () => {
    const whole: unknown = JSON.parse(committed);
    const refs = [...new Set([...committed.matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, ref = '']) => ref))];
    const found = (ref: string) =>
      ref
        .split('/')
        .reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], whole);
    expect(refs.length).toBeGreaterThan(20);
    expect(refs.filter((ref) => found(ref) === undefined)).toEqual([]);
    expect(committed.match(/"\$ref"/g)?.length).toBe(committed.match(/"\$ref": "#\//g)?.length);
  });

  test('names each operation once', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  describe.each(operations)('$route', ({ path, operation }) => {
    test('declares the parameters of its path, each parameter once', () => {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(inPath);
      const all = operation.parameters.map((one) => `${one.in} ${one.name}`);
      expect(new Set(all).size).toBe(all.length);
    });

    test('has a declared tag, and says how it is protected and what a refusal is', () => {
      const tags = document.tags.map(({ name }) => name);
      expect(tags).toEqual(expect.arrayContaining(operation.tags));
      const schemes = (operation.security ?? document.security).flatMap(Object.keys);
      expect(Object.keys(document.components.securitySchemes)).toEqual(expect.arrayContaining(schemes));
      expect('401' in operation.responses).toBe(schemes.length > 0);
      const problem = JSON.stringify(operation.responses['500'] ?? 'none');
      expect(operation.tags[0] === 'service' || problem.includes('application/problem+json')).toBe(true);
    });
  });
});
