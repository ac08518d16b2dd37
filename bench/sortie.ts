import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type RunDetail, RunDetail as RunDetailSchema } from '../domain/api/run.ts';
import { type EmbeddedSortie, startEmbedded } from '../infra/local/embedded-sortie.ts';
import { owned } from './owned.ts';

/** A Sortie of the bench's own, on a folder of its own, and its API. */
export interface BenchSortie {
  readonly sortie: EmbeddedSortie;
  /** Where jobs may leave marks: outside of what Sortie keeps. */
  readonly marks: string;
  submit(commands: readonly string[], more?: string): Promise<RunDetail>;
  get(path: string): Promise<unknown>;
  post(path: string, body: string): Promise<unknown>;
  run(id: string): Promise<RunDetail>;
  /** Asks every 10 ms, as somebody in a hurry would. Throws when the run ends in another way, or takes a minute. */
  until(id: string, status: RunDetail['status']): Promise<RunDetail>;
  /** Ends its instances as well. */
  end(): Promise<void>;
}

const ASKED_EVERY_MS = 10;
/** Nothing that a bench waits for takes this long, but what is stuck. */
const PATIENCE_MS = 60_000;
const FINAL = ['done', 'failed', 'terminated', 'aborted'];

export async function startSortie(dynamodbEndpoint?: string): Promise<BenchSortie> {
  const folder = mkdtempSync(join(tmpdir(), 'sortie-bench-'));
  const forget = () => rmSync(folder, { recursive: true, force: true });
  const sortie = await startEmbedded({
    port: 0,
    dataDir: join(folder, 'data'),
    ...(dynamodbEndpoint && { dynamodbEndpoint }),
  }).catch((error: unknown) => {
    forget();
    throw error;
  });
  const end = owned(() => sortie.close('end').finally(forget));
  const call = async (method: 'GET' | 'POST', path: string, body: string | null) => {
    const answer = await fetch(sortie.url + path, {
      method,
      ...(body !== null && { body }),
      headers: { authorization: `Bearer ${sortie.token}`, 'content-type': 'application/yaml' },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text) as unknown;
  };
  const run = async (id: string) => RunDetailSchema.parse(await call('GET', `/v1/runs/${id}`, null));
  return {
    sortie,
    marks: folder,
    run,
    get: (path) => call('GET', path, null),
    post: (path, body) => call('POST', path, body),
    submit: async (commands, more = '') =>
      RunDetailSchema.parse(await call('POST', '/v1/runs', configuration(commands, more))),
    async until(id, status) {
      const patience = performance.now() + PATIENCE_MS;
      while (true) {
        const now = await run(id);
        if (now.status === status) return now;
        if (FINAL.includes(now.status))
          throw new Error(`run ${now.name} is ${now.status}, not ${status}: ${now.message}`);
        if (performance.now() > patience)
          throw new Error(`run ${now.name} is ${now.status}, not ${status}, after ${PATIENCE_MS / 1000} s`);
        await pause(ASKED_EVERY_MS);
      }
    },
    end,
  };
}

/** Small enough that 20 of its kind are what the catalogue's cheapest type is for. */
export const configuration = (commands: readonly string[], more = ''): string =>
  `type: task\ncommands:\n${commands.map((command) => `  - ${JSON.stringify(command)}\n`).join('')}` +
  `resources: {cpu: 2, memory: 1GB..}\n${more}`;

/**
 * Waits until nothing has been invoked for `quietMs`: what follows a run's end is over. Throws after a minute with what
 * goes on being invoked: two functions that wake each other are never quiet.
 */
export async function quiet({ sortie }: BenchSortie, quietMs = 400): Promise<void> {
  const invocations = () =>
    Object.entries(sortie.host.metrics().functions)
      .map(([name, one]) => `${name} ${one.invocations}`)
      .join(', ');
  const began = performance.now();
  const first = invocations();
  let [last, since] = [first, began];
  while (performance.now() - since < quietMs) {
    await pause(20);
    const now = invocations();
    if (now !== last) [last, since] = [now, performance.now()];
    if (since - began > PATIENCE_MS)
      throw new Error(`not quiet within ${PATIENCE_MS / 1000} s; invocations were ${first} and are ${last}`);
  }
}
