import picocolors from 'picocolors';
import { expect, test } from 'vitest';
import { eventTable } from '../../cli/show/events.ts';
import { fleetTable } from '../../cli/show/fleets.ts';
import { instanceTable } from '../../cli/show/instances.ts';
import { offerTable, rowsOf } from '../../cli/show/offer.ts';
import { queueLines } from '../../cli/show/queue.ts';
import { runTable } from '../../cli/show/runs.ts';
import { whyLines } from '../../cli/show/why.ts';
import type { Output } from '../../cli/terminal/output.ts';
import { FleetSummary, InstanceSummary } from '../../domain/api/instance.ts';
import { Queue } from '../../domain/api/queue.ts';
import { EventList, RunSummary } from '../../domain/api/run.ts';
import { Why } from '../../domain/api/why.ts';
import type { FleetEvent } from '../../domain/fleet/events.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { planOffers } from '../../domain/planning/plan.ts';
import { loadCatalogue } from '../../infra/catalogue/load.ts';
import { given, T0 } from '../domain/given.ts';
import { context, request } from '../domain/planning/given.ts';

const NAME = 'a-name-of-as-many-characters-as-there-may';
const EC2 = 'i-0123456789abcdef0';
const RUN = '01k9zv8q4m3x7r2t5w00000002';
const AT = new Date(T0).toISOString();
const MESSAGE = 'what costs least is refused for want of capacity, and nothing else may be launched before';

const output = (width: number): Output => ({
  live: true,
  paint: picocolors.createColors(false),
  width: () => width,
  line: () => {},
  write: async () => {},
});

const run = RunSummary.parse({
  ...{ id: RUN, name: NAME, project: 'main', user: 'ada', fleet: NAME, image: 'ghcr.io/lab/tools:1.2' },
  ...{
    status: 'provisioning',
    termination_reason: null,
    message: MESSAGE,
    submitted_at: AT,
    finished_at: null,
  },
  jobs: [
    {
      ...{
        index: 0,
        status: 'provisioning',
        submission: 0,
        exit_status: null,
        instance: `i${RUN}`,
        image_id: null,
      },
      ...{ instance_type: 'm5.24xlarge', zone: 'us-east-1a', spot: 'on-demand', price: 12.3456 },
    },
  ],
});

const created: FleetEvent = { type: 'FleetCreated', project: 'main', limits: { instances: 2 } };
const fleet = {
  ...FleetSummary.parse(Fleet.view(given(Fleet, created), NAME)),
  admission: { status: 'paused' as const, order: 'pause' as const, by: 'ada', reason: MESSAGE, since: AT },
};

const instance = InstanceSummary.parse({
  ...{ id: `i${RUN}`, ec2_id: EC2, fleet: NAME, status: 'busy', reason: null, instance_type: 'm5.24xlarge' },
  ...{ region: 'us-east-1', zone: 'us-east-1a', spot: 'on-demand', price: 12.3456, requested_at: AT },
  ...{ job: `${RUN}-0`, jobs: [`${RUN}-0`], operator: { by: 'ada', reason: MESSAGE }, behavior: 'hold' },
});

const why = Why.parse({
  ...{ run: RUN, name: NAME, status: 'running', cause: { kind: 'running', message: 'it runs' }, nodes: [] },
  plan: { asked: 'cpu 2', considered: 1, fitting: 1, best: null },
  chain: [{ event: `Run-${RUN}/1/0`, at: AT, by: 'ada', what: MESSAGE, lasted_ms: 430 }],
  more: 'none',
  output: null,
});

const waiting = {
  ...{ place: 1, of: 1, counted: 'exactly', job: `${RUN}-0`, run: RUN, run_name: NAME, fleet: NAME },
  ...{ priority: 0, queued_at: AT, kind: 'capacity', message: MESSAGE, since: AT, asked: MESSAGE },
};

const tables: Readonly<Record<string, (width: number) => { lines: string[]; whole: readonly string[] }>> = {
  ps: (width) => ({
    lines: runTable([run], output(width), T0, new Map()),
    whole: [NAME, ...MESSAGE.split(' ')],
  }),
  fleet: (width) => ({
    lines: fleetTable([fleet], output(width), T0),
    whole: [NAME, ...MESSAGE.split(' ')],
  }),
  queue: (width) => ({
    lines: queueLines(Queue.parse({ waiting: [waiting], promised: [], more: [] }), output(width), T0),
    whole: [NAME, ...MESSAGE.split(' ')],
  }),
  instance: (width) => ({
    lines: instanceTable([instance], new Map([[RUN, NAME]]), output(width), T0),
    whole: [NAME, EC2, ...MESSAGE.split(' ')],
  }),
  why: (width) => ({
    lines: whyLines(why, output(width), T0),
    whole: [NAME, ...MESSAGE.split(' ')],
  }),
  event: (width) => ({
    lines: eventTable(
      EventList.shape.events.parse([
        {
          ...{ id: `Run-${RUN}/1/0`, at: AT, by: 'ada', causation: null, stream: `Run-${RUN}` },
          ...{ type: 'PlacementDeferred', data: { message: MESSAGE } },
        },
      ]),
      output(width),
    ),
    whole: ['PlacementDeferred', ...MESSAGE.split(' ').slice(1, -1)],
  }),
};

test.each(Object.entries(tables))('%s has names and messages whole, at 60 and at 80 columns', (_, shown) => {
  for (const width of [60, 80]) {
    const { lines, whole } = shown(width);
    const words = lines.join(' ').split(/[\s():=,"]+/);
    for (const word of whole) expect(words, `${width}: ${lines.join('\n')}`).toContain(word.replace(',', ''));
    expect(Math.max(...lines.map((line) => line.length)), lines.join('\n')).toBeLessThanOrEqual(width);
  }
});

test('at 80 columns a run with a short name keeps its type, price and message beside each other', () => {
  const lines = runTable([{ ...run, name: 'train' }], output(80), T0, new Map());
  expect(lines[0]).toMatch(/^NAME +STATUS +ID +.*MESSAGE$/);
  expect(lines.join('\n')).not.toContain('…');
});

test('at 80 columns the on-demand price stands beside the spot price of a GPU', () => {
  const asked = request({
    spot_policy: 'spot',
    resources: { gpu: { memory: { min: 24, max: null }, count: { min: 1, max: null } } },
  });
  const { offers } = planOffers(loadCatalogue('us-east-1'), asked, context());
  const [titles, first] = offerTable(rowsOf(offers, 'type'), output(80).paint, 80);
  expect(titles).toMatch(/ GPU .* \$\/H +ON-DEMAND$/);
  expect(first).toMatch(/ spot +\$[\d.]+ +\$[\d.]+$/);
});

test('events of one day have the day in their title', () => {
  const at = (time: string) => ({ ...why.chain[0], at: `2026-11-20T${time}Z` });
  const lines = (...chain: ReturnType<typeof at>[]) => whyLines(Why.parse({ ...why, chain }), output(80), T0);
  expect(lines(at('12:00:00.123'), at('23:59:59.000')).join('\n')).toMatch(
    /\n2026-11-20 UTC +TOOK +WHAT\n12:00:00.123 .*\n(?:.*\n)*23:59:59.000 /,
  );
  expect(lines(at('12:00:00.123'), { ...at(''), at: '2026-11-21T00:00:00.000Z' }).join('\n')).toMatch(
    /\nTIME \(UTC\) .*\n2026-11-20 12:00:00.123 .*\n(?:.*\n)*2026-11-21 00:00:00.000 /,
  );
});
