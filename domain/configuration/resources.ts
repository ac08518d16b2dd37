import * as z from 'zod';
import { cpu, DEFAULT_CPU } from './cpu.ts';
import { DEFAULT_DISK, disk } from './disk.ts';
import { gpu } from './gpu.ts';
import { memory } from './memory.ts';
import { type Resources, resourcesSpec } from './normalized.ts';
import { mustBe } from './problem.ts';
import { memoryRange } from './range.ts';

/** What dstack asks for when nothing is said: 2 CPUs, 8 GB, no GPU needed, 100 GB of disk. */
export const DEFAULT_RESOURCES: Resources = {
  cpu: DEFAULT_CPU,
  memory: { min: 8, max: null },
  shm_size: null,
  gpu: {
    vendor: null,
    name: null,
    count: { min: 0, max: null },
    memory: null,
    total_memory: null,
    compute_capability: null,
  },
  disk: DEFAULT_DISK,
};

const orDefault = <K extends keyof Resources>(schema: z.ZodType<Resources[K]>, field: K) =>
  schema.nullish().transform((value) => value ?? DEFAULT_RESOURCES[field]);

const fields = z.strictObject(
  {
    cpu: orDefault(cpu, 'cpu'),
    memory: orDefault(memoryRange, 'memory'),
    shm_size: orDefault(memory, 'shm_size'),
    gpu: orDefault(gpu, 'gpu'),
    disk: orDefault(disk, 'disk'),
  },
  { error: mustBe('a map of `cpu`, `memory`, `gpu`, `disk` and `shm_size`') },
);
export const RESOURCE_FIELDS = Object.keys(fields.shape);

/** What a job needs of its instance, in dstack's grammar, with dstack's defaults. */
export const resources = fields.pipe(resourcesSpec);
