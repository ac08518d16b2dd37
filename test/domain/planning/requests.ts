import * as fc from 'fast-check';
import type { Range, Requirements } from '../../../domain/planning/requirements.ts';

const range = (sizes: readonly number[]): fc.Arbitrary<Range> =>
  fc
    .tuple(fc.option(fc.constantFrom(...sizes)), fc.option(fc.constantFrom(...sizes)))
    .map(([a, b]) => (a !== null && b !== null && a > b ? { min: b, max: a } : { min: a, max: b }));

const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 2 });

/** Requests of all kinds over what us-east-1 has: from those that everything fits to those that nothing does. */
export const requests: fc.Arbitrary<Requirements> = fc.record({
  resources: fc.record({
    cpu: fc.record({
      arch: fc.constantFrom(null, 'x86', 'arm'),
      count: range([1, 2, 4, 8, 16, 48, 96, 192]),
    }),
    memory: orNull(range([0.5, 2, 8, 16, 61, 128, 1024, 2048])),
    shm_size: fc.constant(null),
    gpu: fc.record({
      vendor: fc.option(fc.constantFrom('nvidia', 'amd', 'intel'), { freq: 1 }),
      name: fc.option(fc.subarray(['A10G', 'a100', 'L4', 'T4', 'H100', 'L40S', 'GH200'], { minLength: 1 }), {
        freq: 1,
      }),
      count: range([0, 0, 1, 1, 2, 4, 8]),
      memory: fc.option(range([3, 16, 24, 40, 80, 141]), { freq: 1 }),
      total_memory: fc.option(range([24, 96, 320, 640]), { freq: 1 }),
      compute_capability: fc.constant(null),
    }),
    disk: fc.constant({ size: { min: 100, max: null } }),
  }),
  spot_policy: fc.constantFrom('spot', 'on-demand', 'auto'),
  max_price: orNull(fc.constantFrom(0.01, 0.1, 1, 10, 50)),
  regions: fc.option(fc.subarray(['us-east-1', 'eu-west-1'], { minLength: 1 }), { freq: 1 }),
  availability_zones: orNull(fc.subarray(['us-east-1a', 'us-east-1d', 'us-east-1e'], { minLength: 1 })),
  instance_types: fc.option(
    fc.subarray(['m5.large', 'c6g.xlarge', 'g5.xlarge', 'g6f.large', 'p4d.24xlarge'], { minLength: 1 }),
    {
      freq: 1,
    },
  ),
  max_duration: orNull(fc.constant(3600)),
  instances: fc.constant(null),
  cpu_credits: fc.constantFrom('standard', 'unlimited'),
});

/** One limit narrower than before. A least GPU memory is only ever raised: to state one lets in fractions of GPUs. */
export const tightenings: fc.Arbitrary<(request: Requirements) => Requirements> = fc.oneof(
  fc.constantFrom('spot' as const, 'on-demand' as const).map((market) => (request: Requirements) => ({
    ...request,
    spot_policy: request.spot_policy === 'auto' ? market : request.spot_policy,
  })),
  fc.constantFrom(0.5, 0.9).map((share) => (request: Requirements) => ({
    ...request,
    max_price: (request.max_price ?? 100) * share,
  })),
  fc.constant((request: Requirements) => ({
    ...request,
    availability_zones: (request.availability_zones ?? ['us-east-1a', 'us-east-1b']).slice(0, 1),
  })),
  fc.constantFrom(1, 3, 20).map((more) => (request: Requirements) => {
    const { resources } = request;
    const { gpu, cpu, memory } = resources;
    return {
      ...request,
      resources: {
        ...resources,
        cpu: { ...cpu, count: raised(cpu.count, more) },
        memory: memory && raised(memory, more),
        gpu: {
          ...gpu,
          memory: gpu.memory?.min ? raised(gpu.memory, more) : gpu.memory,
          count: raised(gpu.count, more - 1),
        },
      },
    };
  }),
);

const raised = ({ min, max }: Range, more: number): Range => ({ min: (min ?? 0) + more, max });
