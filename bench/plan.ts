import { performance } from 'node:perf_hooks';
import type { PlanContext } from '../domain/planning/context.ts';
import { planOffers } from '../domain/planning/plan.ts';
import type { Requirements } from '../domain/planning/requirements.ts';
import { loadCatalogue } from '../infra/catalogue/load.ts';

/** Times in ms. `cold`: loading the catalogue, and the first plan, in a new process. */
export type PlanFigures = {
  offerings: number;
  plans: number;
  p50: number;
  p95: number;
  max: number;
  cold: { load: number; plan: number };
};

const repeats = 40;

/** Plans over the whole us-east-1 catalogue: 96 requests, from those that all of it fits to those that none does. */
export async function benchPlan(): Promise<PlanFigures> {
  const started = performance.now();
  const catalogue = loadCatalogue('us-east-1');
  const load = performance.now() - started;
  const context = contextOf(
    catalogue.ranked.slice(0, 200).map(({ machine, zone, spot }) => ({ machine, zone, spot })),
  );
  const times: number[] = [];
  for (let round = 0; round < repeats; round++) {
    for (const request of requests()) {
      const before = performance.now();
      planOffers(catalogue, request, context);
      times.push(performance.now() - before);
    }
  }
  const [first = 0] = times;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return {
    offerings: catalogue.ranked.length,
    plans: times.length,
    p50: at(0.5),
    p95: at(0.95),
    max: at(1),
    cold: { load, plan: first },
  };
}

function* requests(): Generator<Requirements> {
  const gpus = [
    { name: null, count: { min: 0, max: null }, memory: null },
    { name: null, count: { min: 1, max: null }, memory: { min: 24, max: 24 } },
    { name: ['A100', 'H100'], count: { min: 8, max: 8 }, memory: null },
    { name: ['L4'], count: { min: 64, max: 64 }, memory: null },
  ];
  for (const gpu of gpus) {
    for (const cpus of [2, 16, 1000]) {
      for (const max_price of [null, 0.5]) {
        for (const spot_policy of ['auto', 'spot'] as const) {
          for (const instance_types of [null, ['m5.xlarge', 'g5.xlrge']]) {
            yield {
              resources: {
                cpu: { arch: null, count: { min: cpus, max: null } },
                memory: { min: 8, max: null },
                shm_size: null,
                gpu: { vendor: null, total_memory: null, compute_capability: null, ...gpu },
                disk: { size: { min: 100, max: null } },
              },
              spot_policy,
              max_price,
              regions: null,
              availability_zones: null,
              instance_types,
              max_duration: 3600,
              instances: null,
              cpu_credits: 'standard',
            };
          }
        }
      }
    }
  }
}

type Refused = { machine: { name: string }; zone: string; spot: 'spot' | 'on-demand' };

/** A bad day: 200 offers without capacity, the cheapest ones, and one quota reached. */
const contextOf = (refused: readonly Refused[]): PlanContext => ({
  now: 0,
  idle: [],
  unavailable: refused.map(({ machine, zone, spot }) => ({
    instance_type: machine.name,
    zone,
    spot,
    until: 1,
    code: 'InsufficientInstanceCapacity',
  })),
  quota: [{ family: 'p', spot: 'on-demand', vcpus: 96, until: null, code: 'VcpuLimitExceeded' }],
  zones: null,
  terms: null,
  ...{ price_factor: null, launch_factor: null },
  limit: 50,
});

if (process.argv[1] === import.meta.filename) {
  const { offerings, plans, p50, p95, max, cold } = await benchPlan();
  const ms = (time: number): string => `${time.toFixed(2)} ms`;
  console.log(`${plans} plans over ${offerings} offerings: p50 ${ms(p50)}, p95 ${ms(p95)}, max ${ms(max)}`);
  console.log(`in a new process: catalogue loaded in ${ms(cold.load)}, first plan ${ms(cold.plan)}`);
}
