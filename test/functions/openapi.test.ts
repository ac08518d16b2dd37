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
  responses: z.record(z.string().regex(/^[2-5]\d\d$/), z.object({ description: z.string().min(1) })),
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
  paths: z.record(z.string().startsWith('/'), z.record(z.enum(['get', 'post']), Operation.optional())),
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
    const refs = [...committed.matchAll(/"\$ref": "([^"]+)"/g)].map(([, ref]) => ref ?? '');
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of new Set(refs)) {
      const found = ref
        .replace('#/', '')
        .split('/')
        .reduce<unknown>(
          (node, step) => (node as Record<string, unknown> | undefined)?.[step],
          JSON.parse(committed) as unknown,
        );
      expect(found, ref).toBeDefined();
    }
  });

  test('declares the parameters of each path, once', () => {
    for (const { route, path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      expect(declared, route).toEqual(inPath);
      const all = operation.parameters.map((one) => `${one.in} ${one.name}`);
      expect(new Set(all).size, route).toBe(all.length);
    }
  });

  test('names each operation once, under a declared tag, and says how it is protected', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const tags = document.tags.map(({ name }) => name);
    for (const { route, operation } of operations) {
      expect(tags, route).toEqual(expect.arrayContaining(operation.tags));
      for (const scheme of (operation.security ?? document.security).flatMap(Object.keys))
        expect(Object.keys(document.components.securitySchemes), route).toContain(scheme);
      const open = operation.security?.length === 0;
      expect('401' in operation.responses && '403' in operation.responses, route).toBe(!open);
    }
  });

  test('answers every refusal of its own as a problem document', () => {
    for (const { route, operation } of operations.filter(({ operation: { tags } }) => tags[0] !== 'service'))
      expect(JSON.stringify(operation.responses['500']), route).toContain('application/problem+json');
  });
});
