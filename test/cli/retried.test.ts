import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import type { Client } from '../../cli/client/client.ts';
import { follow } from '../../cli/follow/follow.ts';
import { narrator } from '../../cli/follow/narrate.ts';
import { outcomeLines } from '../../cli/follow/outcome.ts';
import { runTable } from '../../cli/show/runs.ts';
import type { Output } from '../../cli/terminal/output.ts';
import { type RunDetail, RunDetail as RunDetailSchema, RunSummary } from '../../domain/api/run.ts';
import { over } from '../../domain/job/decide.ts';
import type { JobEvent } from '../../domain/job/events.ts';
import { endingOf } from '../../domain/job/exit.ts';
import { backOffOver } from '../../domain/job/retry.ts';
import type { JobState } from '../../domain/job/state.ts';
import { Job } from '../../domain/job/stream.ts';
import { detail, progressOf } from '../../domain/job/view.ts';
import { SECOND } from '../../domain/kernel/instant.ts';
import { fold } from '../../domain/kernel/stream.ts';
import { advance } from '../../domain/run/decide.ts';
import type { RunState } from '../../domain/run/state.ts';
import { Run } from '../../domain/run/stream.ts';
import { summary } from '../../domain/run/view.ts';
import { bundle, FLEET, INSTANCE, offer, RUN, spec, T0, task } from '../domain/given.ts';

const paint = picocolors.createColors(false);

function written() {
  const lines: string[] = [];
  const line = (text = '') => void lines.push(text);
  const output: Output = { live: false, paint, width: () => null, line, write: async () => {} };
  const live = { show() {}, line, async around() {}, end() {} };
  return { lines, output, live };
}

/** A run whose one job goes through these, each a second later. */
function runAfter(
  ...decisions: ((job: JobState, now: number) => JobEvent[])[]
): RunState & { job: JobState } {
  const retry = { on_events: ['error' as const], duration: 40 };
  let job = fold(Job, undefined, [{ type: 'JobQueued', spec: spec({ retry }) }], T0) as JobState;
  let run = fold(
    Run,
    undefined,
    [
      {
        type: 'RunSubmitted',
        id: RUN,
        name: 'hello',
        project: 'main',
        user: 'alice',
        fleet: FLEET,
        configuration: task({ retry: { on_events: ['error'], duration: 40 } }),
        fingerprint: 'f',
        seal: 'none',
        code: null,
      },
    ],
    T0,
  ) as RunState;
  let now = T0;
  for (const decide of decisions) {
    now = job.phase.kind === 'backing_off' ? job.phase.until : now + SECOND;
    job = fold(Job, job, decide(job, now), now) as JobState;
    run = fold(Run, run, advance(run, progressOf(job)), now) as RunState;
  }
  return { ...run, job };
}

const starts = ({ submission }: JobState, now: number): JobEvent[] => [
  { type: 'SubmissionAssigned', submission, instance: INSTANCE, offer: offer(), bundle },
  { type: 'SubmissionStarted', submission, at: now },
];
const exits = (job: JobState, now: number) =>
  over(
    job,
    endingOf(job, { cause: 'commands', status: 3, signal: null, log_bytes: 0, message: null }),
    now,
    'begun',
  );

const shown = ({ job, ...run }: RunState & { job: JobState }): RunDetail =>
  RunDetailSchema.parse({
    ...summary(run),
    configuration: run.configuration,
    jobs: [{ ...detail(job), waiting: null }],
  });

describe('a run that is tried again', () => {
  const stages = [starts, exits, backOffOver, starts];

  test('is followed submission by submission, with the reason of each wait', () => {
    const { lines, output, live } = written();
    const told = narrator(output, live);
    for (let n = 0; n <= stages.length; n++) told.heard(shown(runAfter(...stages.slice(0, n))));
    expect(lines).toEqual([
      'hello  submitted',
      'hello  running on m7i.large in us-east-1a, on-demand, $0.1008/h',
      'hello  waiting: tries again at 2026-11-20T12:00:17Z after exit status 3',
      'hello  submitted, retry 1',
      'hello  running, retry 1 on m7i.large in us-east-1a, on-demand, $0.1008/h',
    ]);
  });

  test('is warned of its container once, of several nodes with the node', () => {
    const { lines, output, live } = written();
    const told = narrator(output, live);
    const run = shown(runAfter(starts));
    const ready = {
      ...{
        id: 'c',
        name: 'tools',
        image_id: 'sha256:a',
        image: 'app:1',
        started_at: '',
        how: 'attached' as const,
      },
      warnings: ['its overlay may be stale'],
    };
    const [job] = run.jobs;
    if (job === undefined) throw new Error('a run has a job');
    const attached = { ...job, submissions: job.submissions.map((one) => ({ ...one, container: ready })) };
    const of = (...jobs: RunDetail['jobs']) => told.heard({ ...run, jobs });
    for (let n = 0; n < 2; n++) of(attached);
    of(job, { ...attached, index: 1 });
    expect(lines.filter((line) => line.includes('stale'))).toEqual([
      'hello  warning: its overlay may be stale',
      'hello  warning: node 1: its overlay may be stale',
    ]);
  });

  test('has the output of a try that nobody saw run before the word of the next', async () => {
    const { lines, output } = written();
    const seen = [
      [],
      stages.slice(0, 2),
      stages.slice(0, 2),
      stages,
      [...stages, exits, backOffOver, starts, exits],
    ];
    const client = {
      run: async () => shown(runAfter(...(seen.length > 1 ? seen.shift() : seen[0])!)),
      logs: async () => ({
        logs: [
          { job: 0, submission: 0, offset: 0, at: '2026-11-20T12:00:02.000Z', text: 'from the first try' },
        ],
        next: 'end',
        done: true,
      }),
    } as unknown as Client;
    const logs = { ...output, write: async (bytes: Uint8Array | string) => void lines.push(String(bytes)) };
    await follow(client, RUN, { states: output, logs, signal: new AbortController().signal });
    const at = (text: string) => lines.findIndex((line) => line.startsWith(text));
    expect(at('from the first try')).toBeGreaterThan(at('hello  waiting: tries again'));
    expect(at('from the first try')).toBeLessThan(at('hello  running, retry 1'));
  });

  test('says in a list which retry it is, and why it waits', () => {
    const rows = (n: number) => {
      const { job: _, ...run } = runAfter(...stages.slice(0, n));
      return runTable([RunSummary.parse(summary(run))], written().output, T0, new Map()).at(-1);
    };
    expect(rows(2)).toMatch(
      /^hello +submitted, retry 1 .* tries again in 17 s \(12:00:17Z\) after exit status 3/,
    );
    expect(rows(4)).toMatch(/^hello +running, retry 1 +\w{10} +m7i.large /);
  });

  test('says at its end after how many submissions it failed', () => {
    const run = shown(runAfter(...stages, exits, backOffOver, starts, exits));
    expect(run).toMatchObject({
      status: 'failed',
      message: 'exit status 3; given up after 2 retries in 40s',
    });
    expect(outcomeLines(run, paint)[0]).toMatch(
      /^hello failed after \d+s: its commands ended with exit status 3, in the last of 3 submissions$/,
    );
  });
});
