import { type ChildProcess, spawn } from 'node:child_process';
import { recordReport } from '../../domain/coordination/job-reports.ts';
import { recordReady } from '../../domain/coordination/launch-outcome.ts';
import type { Cloud } from '../../domain/instance/cloud.ts';
import type { Commands } from '../../domain/job/commands.ts';
import type { Refusal } from '../../domain/job/events.ts';
import type { RunnerExit } from '../../domain/job/exit.ts';
import type { InstanceId, SubmissionId } from '../../domain/kernel/ids.ts';
import type { StreamRef } from '../../domain/kernel/stream.ts';
import { react } from '../../functions/react/reactor.ts';
import { memoryCodeStore } from '../fakes/memory-code-store.ts';
import { memoryApi } from './memory-api.ts';

/** The next launches: refused as said, the later ones not. */
export type Refusals = Refusal[];

/**
 * A Sortie with its cloud, in memory: the real reactions, instances that are ready at once, and commands that really
 * run, each job in a shell of its own.
 */
export function memorySortie() {
  const rung: StreamRef[] = [];
  let reacting: Promise<void> | undefined;
  const ring = (stream: StreamRef) => {
    rung.push(stream);
    reacting ??= answer();
  };
  const { api, store, bundles, secrets, deadLetters } = memoryApi(ring);
  const refusals: Refusals = [];
  const failures: unknown[] = [];
  const shells = new Map<string, ChildProcess>();
  const by = { by: 'runner', causation: null, correlation: 'test' };
  const later = (work: Promise<unknown>) => void work.catch((error: unknown) => failures.push(error));

  const cloud: Cloud = {
    async launch({ instance, nonce }) {
      const refusal = refusals.shift();
      if (refusal) return { kind: 'refused', refusal };
      const ec2 = `i-${instance.slice(-12)}`;
      setImmediate(() => later(reported(instance, nonce)));
      return { kind: 'launched', ec2 };
    },
    terminate: async () => 'gone',
    retag: async () => 'tagged',
    list: async () => [],
    find: async () => undefined,
    createGroup: async ({ id }) => ({ kind: 'there', name: id }),
    deleteGroup: async () => 'gone',
    listGroups: async () => [],
  };
  const reported = (instance: InstanceId, nonce: string) => recordReady(api, by, instance, { nonce });

  const commands: Commands = {
    async start(_, submission, link) {
      const bundle = bundles.fetch(link);
      if (bundle === undefined) throw new Error(`there is no bundle ${link}`);
      setImmediate(() => later(run(submission, bundle.commands, bundle.env)));
      return { kind: 'sent', command: `start-${submission}` };
    },
    async stop(_, submission, mode) {
      shells.get(submission)?.kill(mode === 'abort' ? 'SIGKILL' : 'SIGTERM');
      return { kind: 'sent', command: `stop-${submission}` };
    },
    probe: async () => new Map(),
    touch: async () => {},
  };

  async function run(id: SubmissionId, lines: readonly string[], env: Readonly<Record<string, string>>) {
    await recordReport(api, by, id, { kind: 'started', at: Date.now() });
    const shell = spawn('bash', ['-ec', `exec 2>&1\n${lines.join('\n')}`], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    shells.set(id, shell);
    const closed = Promise.withResolvers<Pick<RunnerExit, 'status' | 'signal'>>();
    shell.on('close', (status, signal) => closed.resolve({ status, signal }));
    let offset = 0;
    for await (const data of shell.stdout as AsyncIterable<Buffer>) {
      await api.logs.write(id, { offset, at: Date.now(), data });
      offset += data.length;
    }
    const ended = await closed.promise;
    const cause = ended.signal === null ? 'commands' : 'stopped';
    const exit: RunnerExit = { ...ended, cause, log_bytes: offset, message: null };
    await recordReport(api, by, id, { kind: 'exited', started_at: null, exit });
  }

  /** As the table's stream would: what has moved is visited, until nothing moves any more. */
  async function answer(): Promise<void> {
    while (rung.length > 0) {
      const moved = rung.splice(0);
      const failed = await react(
        {
          ...api,
          bundles,
          code: memoryCodeStore(),
          secrets,
          cloud,
          commands,
          settings: {
            apiUrl: 'http://127.0.0.1',
            zones: null,
            fleetInstances: api.fleetInstances,
            concurrentLaunches: 20,
            priceFactor: 1.5,
            deadmanSeconds: 600,
          },
          by: 'function:react',
        },
        moved.map((stream) => ({ kind: 'visit', stream, ring: 'moved' })),
      );
      failures.push(...failed.map(({ error }) => error));
    }
    reacting = undefined;
  }

  return {
    api,
    store,
    secrets,
    deadLetters,
    refusals,
    /** What went wrong behind the API; nothing should. */
    failures,
    end: () => shells.forEach((shell) => shell.kill('SIGKILL')),
  };
}
