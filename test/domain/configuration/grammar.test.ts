import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { cpu } from '../../../domain/configuration/cpu.ts';
import { disk } from '../../../domain/configuration/disk.ts';
import { duration, idleDuration, offableDuration } from '../../../domain/configuration/duration.ts';
import { env } from '../../../domain/configuration/env.ts';
import { fileMapping } from '../../../domain/configuration/file-mapping.ts';
import { gpu } from '../../../domain/configuration/gpu.ts';
import { mount } from '../../../domain/configuration/mount.ts';
import { port } from '../../../domain/configuration/port.ts';
import { memoryRange } from '../../../domain/configuration/range.ts';
import { repo } from '../../../domain/configuration/repo.ts';
import { resources } from '../../../domain/configuration/resources.ts';

// What dstack 0.21's own parser makes of each input. Absent, this file fails: nothing would have been compared.
const vectors: Record<string, [input: unknown, expected: unknown][]> = JSON.parse(
  readFileSync('../shared/data/dstack-grammar.json', 'utf8'),
);

const grammar: Record<string, z.ZodType> = {
  gpu,
  cpu,
  memory_range: memoryRange,
  disk,
  resources,
  duration,
  'offable_duration(max_duration/stop_duration)': offableDuration,
  idle_duration: idleDuration,
  port,
  repo,
  mount,
  file: fileMapping,
  env,
};

test('every part of the grammar that dstack was measured on is compared', () => {
  expect(Object.keys(grammar).sort()).toEqual(Object.keys(vectors).sort());
});

describe.each(Object.entries(vectors))('%s comes out as in dstack', (part, cases) => {
  test.each(cases.map(([input, expected]) => ({ input, expected, title: JSON.stringify(input) })))(
    '$title',
    ({ input, expected }) => {
      const result = grammar[part]?.safeParse(input);
      const refused = typeof expected === 'object' && expected !== null && 'ERROR' in expected;
      if (refused) expect(result?.success).toBe(false);
      else expect(result).toEqual({ success: true, data: expected });
    },
  );
});
