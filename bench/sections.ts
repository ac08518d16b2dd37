import type { ColdStart } from './cold-start.ts';
import type { Counts } from './counts.ts';
import type { Crowd } from './crowd.ts';
import type { FullTable } from './full-table.ts';
import type { OneRun } from './one-run.ts';
import type { PassFigures } from './pass.ts';
import type { PlanFigures } from './plan.ts';
import { pricePerThousand } from './price.ts';
import type { SimulationFigures } from './simulation.ts';
import { cells, number, table } from './spread.ts';
import type { SyncFigures } from './sync.ts';

const SPREAD = ['min', 'median', 'p95', 'max', 'n'];

export const machine = ({ model, cores, load }: { model: string; cores: number; load: number }): string =>
  `${new Date().toISOString().slice(0, 10)}, ${cores} cores (${model}), Node ${process.version}, ${process.platform} ` +
  `${process.arch}, load of the machine at the start ${load.toFixed(1)}.`;

export const oneRun = ({ accepted, running, done, terminated }: OneRun): string =>
  `### One run on an idle instance (ms)\n\n${table(
    ['from the request to', 'target', ...SPREAD],
    [
      ['submit → 201', '', ...cells(accepted)],
      ['submit → first command running', 'median < 150', ...cells(running)],
      ['submit → done, of `true`', 'median < 400', ...cells(done)],
      ['stop → terminated', '< 1,000', ...cells(terminated)],
    ],
  )}`;

export const crowd = (runs: number, { accepted, done, instances, runs: each }: Crowd): string =>
  `### ${runs} runs at once, instances launched for them (s)\n\n${table(
    ['', 'target', ...SPREAD],
    [
      ['all accepted', '', ...Array<string>(3).fill(''), number(accepted), '1'],
      [`all done, on ${instances} instances`, '< 20', ...Array<string>(3).fill(''), number(done), '1'],
      ['each, submitted → done', '', ...cells(each)],
    ],
  )}`;

export const planning = ({ offerings, plans, p50, p95, max, cold }: PlanFigures): string =>
  `### A plan over the whole catalogue (ms)\n\n${plans} plans over ${offerings} offerings: median ${number(p50)}, ` +
  `p95 ${number(p95)} (target < 30), max ${number(max)}. In a new process: catalogue ${number(cold.load)}, ` +
  `first plan ${number(cold.plan)}.`;

export const pass = ({ jobs, instances, requests, offerings, decisions, time, cpu }: PassFigures): string =>
  `### One pass over a crowd (ms)\n\n${jobs} waiting jobs of ${requests} kinds, ${instances} instances, ${offerings} ` +
  `offerings; ${decisions.assign} jobs got an idle instance, ${decisions.launch} a launch, ${decisions.wait} a reason ` +
  `to wait.\n\n${table(
    ['', 'target', ...SPREAD],
    [
      ['decide', 'p95 < 250', ...cells(time)],
      ['its CPU time', '', ...cells(cpu)],
    ],
  )}`;

export function counts(measured: Counts): string {
  const price = pricePerThousand(measured);
  const total = price.reduce((sum, [, dollars]) => sum + dollars, 0);
  return [
    '### What a run takes\n',
    `\`echo hello\` on an idle instance, nobody watching: ${number(measured.writes)} write units and ` +
      `${number(measured.reads)} read units of DynamoDB.\n`,
    table(
      ['function', 'invocations per run', 'GB-s per run, here'],
      measured.functions.map((one) => [one.name, number(one.invocations), one.gigabyteSeconds.toFixed(4)]),
    ),
    '',
    table(
      ['call', 'per run'],
      Object.entries(measured.calls).map(([name, each]) => [name, number(each)]),
    ),
    '',
    table(
      ['$ per 1,000 runs', ''],
      [...price, ['total, without the instances', total] as const].map(([name, dollars]) => [
        name,
        dollars.toFixed(4),
      ]),
    ),
  ].join('\n');
}

export const bundles = (rows: readonly ColdStart[]): string =>
  `### Functions\n\n${table(
    ['function', 'kB', 'import, ms: min', 'median', 'max'],
    rows.map(({ name, bytes, fastest, median, slowest }) => [
      name,
      number(Math.round(bytes / 1000)),
      ...[fastest, median, slowest].map(number),
    ]),
  )}`;

export const fullTable = ({ finished, items, seconds, requests }: FullTable): string =>
  `### ${finished} finished runs in the table\n\n${items} items, seeded in ${number(seconds)} s. Asked in turns, through a proxy ` +
  `that counts units: compare the two, not with the figures above. Target: within 20 %.\n\n${table(
    ['request', 'n', 'ms, empty: median', 'p95', 'ms, full: median', 'p95', 'ratio', 'units, empty', 'full'],
    requests.map(({ name, empty, full }) => [
      name,
      ...[empty.time.count, empty.time.median, empty.time.p95, full.time.median, full.time.p95].map(number),
      (full.time.median / empty.time.median).toFixed(2),
      number(empty.units),
      number(full.units),
    ]),
  )}`;

export const sync = (scenes: readonly SyncFigures[]): string =>
  `### One sync (ms)\n\nTen instances are due wherever there are any, whatever else there is.\n\n${table(
    ['instances', 'finished runs', '', 'min', 'median', 'max', 'CPU, median', ...CALLS],
    scenes.flatMap(({ instances, finished, parts }) =>
      parts.map(({ name, time, cpu, requests, reads, writes, ec2, ssm }) => [
        ...[String(instances), String(finished), name],
        ...[time.min, time.median, time.max, cpu.median, requests, reads, writes, ec2, ssm].map(number),
      ]),
    ),
  )}\n\nThe process, with the tests' EC2 and SSM in it, had at most ${scenes
    .map(({ instances, finished, memory }) => `${number(memory)} MB after ${instances}/${finished}`)
    .join(', ')}.`;

const CALLS = ['DynamoDB requests', 'read units', 'write units', 'EC2 requests', 'SSM requests'];

export const simulation = ({ seeds, events, commits, perSecond, together }: SimulationFigures): string =>
  `### The simulation (events per second)\n\n${seeds} seeds, ${events} events, ${commits} commits, every promise kept: ` +
  `${number(together)} events per second, with all invariants looked at after each.\n\n${table(
    ['', ...SPREAD],
    [['each seed', ...cells(perSecond)]],
  )}`;
