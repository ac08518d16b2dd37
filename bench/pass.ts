import { performance } from 'node:perf_hooks';
import { Fleet } from '../domain/fleet/stream.ts';
import type { InstanceEvent } from '../domain/instance/events.ts';
import { Instance } from '../domain/instance/stream.ts';
import type { JobSpec } from '../domain/job/events.ts';
import { Job } from '../domain/job/stream.ts';
import { FleetName, instanceId, jobId, runId } from '../domain/kernel/ids.ts';
import { fold } from '../domain/kernel/stream.ts';
import { OfferTerms } from '../domain/planning/offer.ts';
import type { PreparedCatalogue } from '../domain/planning/prepared.ts';
import type { Requirements } from '../domain/planning/requirements.ts';
import { plannerOver } from '../domain/scheduling/catalogue-planner.ts';
import type { Decision } from '../domain/scheduling/decision.ts';
import { schedule } from '../domain/scheduling/schedule.ts';
import type { Pooled, Waiting } from '../domain/scheduling/snapshot.ts';
import { loadCatalogue } from '../infra/catalogue/load.ts';
import { type Spread, spreadOf } from './spread.ts';

/** Times in ms. */
export type PassFigures = {
  readonly jobs: number;
  readonly instances: number;
  readonly requests: number;
  readonly offerings: number;
  readonly decisions: Readonly<Record<Decision['kind'], number>>;
  readonly time: Spread;
  /** That its thread used: other work on the machine shows less in it. */
  readonly cpu: Spread;
};

const JOBS = 10_000;
const INSTANCES = 1_000;
const T0 = Date.parse('2026-11-20T12:00:00Z');
const fleetName = FleetName.parse('bench');
const id = (n: number): string => String(n).padStart(26, '0');

/** One pass over a crowd on a bad day: a third of the instances idle, capacity and a quota refused, places for some. */
function benchPass(repeats: number): PassFigures {
  const catalogue = loadCatalogue('us-east-1');
  const requests = [...requirements()];
  const queue = Array.from({ length: JOBS }, (_, n) => waiting(n, requests));
  const pool = Array.from({ length: INSTANCES }, (_, n) => pooled(n, catalogue));
  const fleet = fleetOf(catalogue);
  const times: number[] = [];
  const used: number[] = [];
  let decisions: Decision[] = [];
  for (let round = 0; round <= repeats; round++) {
    const before = performance.now();
    const usedBefore = process.threadCpuUsage();
    decisions = schedule(
      { queue, pool, fleet, others: [], runs: new Map(), limit: INSTANCES + 200, launches: 100, now: T0 + 1 },
      plannerOver(catalogue, null, 1.5),
    );
    // The first is the compiler's.
    if (round === 0) continue;
    times.push(performance.now() - before);
    const { user, system } = process.threadCpuUsage(usedBefore);
    used.push((user + system) / 1_000);
  }
  const counted = { assign: 0, launch: 0, join: 0, 'let-go': 0, 'give-back': 0, wait: 0, hopeless: 0 };
  for (const { kind } of decisions) counted[kind]++;
  return {
    jobs: JOBS,
    instances: INSTANCES,
    requests: requests.length,
    offerings: catalogue.ranked.length,
    decisions: counted,
    time: spreadOf(times),
    cpu: spreadOf(used),
  };
}

/** 200 kinds of job, from those that most of the catalogue fits to those that a few types do. */
function* requirements(): Generator<Requirements> {
  const gpus = [
    { name: null, count: { min: 0, max: null }, memory: null },
    { name: null, count: { min: 1, max: null }, memory: { min: 24, max: null } },
    { name: ['A100', 'H100'], count: { min: 8, max: 8 }, memory: null },
    { name: ['L4'], count: { min: 1, max: null }, memory: null },
  ];
  for (const gpu of gpus)
    for (const cpus of [1, 2, 4, 8, 16])
      for (const memory of [2, 8, 16, 32, 64])
        for (const spot_policy of ['auto', 'on-demand'] as const)
          yield {
            resources: {
              cpu: { arch: null, count: { min: cpus, max: null } },
              memory: { min: memory, max: null },
              shm_size: null,
              gpu: { vendor: null, total_memory: null, compute_capability: null, ...gpu },
              disk: { size: { min: 100, max: null } },
            },
            spot_policy,
            max_price: null,
            regions: null,
            availability_zones: null,
            instance_types: null,
            max_duration: 3600,
            instances: null,
            cpu_credits: 'standard',
          };
}

function waiting(n: number, requests: readonly Requirements[]): Waiting {
  const requirements = requests[(n * 7) % requests.length];
  if (requirements === undefined) throw new Error('a crowd without requests');
  const run = runId(id(n));
  // As they come from the store: no two jobs share an object.
  const spec: JobSpec = {
    run,
    run_name: `run-${n}`,
    index: 0,
    project: 'main',
    fleet: fleetName,
    requirements: structuredClone(requirements),
    priority: n % 20,
    creation_policy: 'reuse-or-create',
    stop_duration: 300,
    retry: null,
    idle_duration: 300,
    tags: {},
    nodes: 1,
    fleets: [],
  };
  return { id: jobId(run, 0), state: Job.evolve(undefined, { type: 'JobQueued', spec }, T0 - n) };
}

function pooled(n: number, catalogue: PreparedCatalogue): Pooled {
  const claim = { job: jobId(runId(id(90_000 + n)), 0), submission: 0 };
  const life: InstanceEvent[] = [
    {
      type: 'InstanceRequested',
      fleet: fleetName,
      project: 'main',
      offer: offerAt(catalogue, n * 3),
      claim,
      nonce: 'n',
      idle_duration: 300,
      tags: {},
    },
    { type: 'InstanceLaunched', ec2: `i-${n}` },
    { type: 'InstanceReady' },
    ...(n % 3 === 0 ? [{ type: 'InstanceReleased' as const, claim }] : []),
  ];
  const state = fold(Instance, undefined, life, T0);
  if (state === undefined) throw new Error('an instance without a life');
  return { id: instanceId(id(n)), state };
}

function offerAt(catalogue: PreparedCatalogue, index: number) {
  const candidate = catalogue.ranked[index];
  if (candidate === undefined) throw new Error(`the catalogue has no offer ${index}`);
  const { machine, region, zone, spot, price } = candidate;
  const gpus = machine.gpu ? [{ ...machine.gpu, memory_mib: machine.gpu.memoryMib }] : [];
  const resources = {
    cpus: machine.vcpus,
    memory_mib: machine.memoryMib,
    gpus: gpus.map(({ vendor, name, count, memory_mib }) => ({ vendor, name, count, memory_mib })),
    disk_gib: 100,
    arch: machine.arch,
  };
  return OfferTerms.parse({ instance_type: machine.name, region, zone, spot, price, resources });
}

/** A fleet that remembers 200 offers without capacity and a quota that is used up. */
function fleetOf(catalogue: PreparedCatalogue) {
  const until = T0 + 180_000;
  return fold(
    Fleet,
    undefined,
    [
      { type: 'FleetCreated', project: 'main', limits: { instances: INSTANCES + 200 } },
      ...Array.from({ length: INSTANCES }, (_, n) => ({
        type: 'LaunchReserved' as const,
        instance: instanceId(id(n)),
        job: jobId(runId(id(90_000 + n)), 0),
        submission: 0,
        offer: offerAt(catalogue, n * 3),
      })),
      ...catalogue.ranked.slice(0, 200).map(({ machine, zone, spot }) => ({
        type: 'OfferingUnavailable' as const,
        instance_type: machine.name,
        zone,
        spot,
        code: 'InsufficientInstanceCapacity',
        until,
      })),
      {
        type: 'QuotaExhausted',
        family: 'p',
        spot: 'on-demand',
        vcpus: 96,
        in_use: { instances: 0, vcpus: 0 },
        code: 'VcpuLimitExceeded',
        until,
      },
    ],
    T0,
  );
}

if (process.argv[1] === import.meta.filename)
  console.log(JSON.stringify(benchPass(Number(process.argv[2] ?? 20)), null, 2));
