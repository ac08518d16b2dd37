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

type Case = { input: unknown; reads?: unknown; refused?: true };

// Measured on dstack 0.21's own parser: `npm run test:corpus` compares the vectors with the measurement.
const vectors: Record<string, Case[]> = JSON.parse(
  readFileSync(new URL('../../golden/grammar.json', import.meta.url), 'utf8'),
);

const grammar: Record<string, z.ZodType> = {
  gpu,
  cpu,
  memory_range: memoryRange,
  disk,
  resources,
  duration,
  offable_duration: offableDuration,
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
  test.each(cases.map((one) => ({ ...one, title: JSON.stringify(one.input) })))(
    '$title',
    ({ input, reads, refused }) => {
      const result = grammar[part]?.safeParse(input);
      if (refused) expect(result?.success).toBe(false);
      else expect(result).toEqual({ success: true, data: reads });
    },
  );
});
