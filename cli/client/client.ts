import type * as z from 'zod';
import { CodeUpload } from '../../domain/api/code.ts';
import { DeadLetterList, Redriven } from '../../domain/api/dead-letter.ts';
import { FleetDetail, FleetPlan } from '../../domain/api/fleet.ts';
import { FleetList, FleetSummary, InstanceList, InstanceSummary } from '../../domain/api/instance.ts';
import type { FleetOperation, InstanceOperation } from '../../domain/api/operation.ts';
import { OfferList, RunPlan } from '../../domain/api/plan.ts';
import { Queue } from '../../domain/api/queue.ts';
import { EventList, LogList, RunDetail, RunList } from '../../domain/api/run.ts';
import { SecretChange, SecretList } from '../../domain/api/secret.ts';
import { Why } from '../../domain/api/why.ts';
import type { StopMode } from '../../domain/kernel/status.ts';
import type { CodeArchive } from '../../domain/run/code.ts';
import type { Connection } from '../connection.ts';
import { Exit, Failure } from '../exit.ts';
import { refusalOf } from './refusal.ts';
import { type Answer, type Call, send } from './transport.ts';

/** A configuration as it was written, its variables given. */
export interface Written {
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly name?: string;
  /** Of what it names under `files` and `repos`. */
  readonly code?: CodeArchive;
}

type Query = Readonly<Record<string, string | number | undefined>>;
type How = Partial<Pick<Call, 'patience' | 'signal' | 'timeout' | 'onRetry'>>;

/** Sortie's API; every answer is checked by the schema that its document is made of. */
export function clientOf(connection: Connection) {
  async function call<T>(schema: z.ZodType<T>, rest: Omit<Call, 'patience'> & How): Promise<T> {
    const answer = await send(connection, { patience: 'command', ...rest });
    if (answer.status >= 400) throw refusalOf(answer, connection);
    return understood(schema, answer, `${rest.method} ${rest.path.split('?')[0]}`, connection);
  }
  const get = <T>(schema: z.ZodType<T>, path: string, query: Query = {}, how: How = {}) =>
    call(schema, { method: 'GET', path: `${path}${spelledOut(query)}`, ...how });

  return {
    plan: (written: Written) => call(RunPlan, { method: 'POST', path: '/v1/plans', body: written }),
    /** The same key again is the same run. */
    submit: (written: Written, key: string) =>
      call(RunDetail, {
        method: 'POST',
        path: '/v1/runs',
        body: written,
        headers: { 'idempotency-key': key },
      }),
    /** Whether the files of a run are stored, or how to store them. */
    storeCode: (archive: CodeArchive) =>
      call(CodeUpload, { method: 'POST', path: '/v1/code', body: archive }),
    run: (run: string, how?: How) => get(RunDetail, pathOf(run), {}, how),
    runs: (query: Query, how?: How) => get(RunList, '/v1/runs', query, how),
    stop: (run: string, mode: StopMode, how?: How) =>
      call(RunDetail, { method: 'POST', path: `${pathOf(run)}/stop`, body: { mode }, ...how }),
    logs: (run: string, query: { job: number; after?: string; wait: number }, how?: How) =>
      get(LogList, `${pathOf(run)}/logs`, query, { timeout: (query.wait + 15) * 1_000, ...how }),
    events: (run: string, query: Query) => get(EventList, `${pathOf(run)}/events`, query),
    why: (run: string) => get(Why, `${pathOf(run)}/why`),
    queue: (how?: How) => get(Queue, '/v1/queue', {}, how),
    deadLetters: () => get(DeadLetterList, '/v1/dead-letters'),
    redrive: (letters: 'all' | readonly string[], action: 'redrive' | 'discard') =>
      call(Redriven, { method: 'POST', path: '/v1/dead-letters/redrive', body: { letters, action } }),
    offers: (query: Query) => get(OfferList, '/v1/offers', query),
    instances: (query: Query) => get(InstanceList, '/v1/instances', query),
    operateInstance: (id: string, operation: InstanceOperation, reason: string | null) =>
      call(InstanceSummary, {
        method: 'POST',
        path: `${instancePath(id)}/${operation}`,
        body: { reason },
      }),
    operateFleet: (name: string, operation: FleetOperation, reason: string | null) =>
      call(FleetSummary, {
        method: 'POST',
        path: `${fleetPath(name)}/${operation}`,
        body: { reason },
      }),
    secrets: (query: Query) => get(SecretList, '/v1/secrets', query),
    setSecret: (name: string, value: string) =>
      call(SecretChange, { method: 'POST', path: '/v1/secrets', body: { name, value } }),
    deleteSecret: (name: string) =>
      call(SecretChange, {
        method: 'DELETE',
        path: `/v1/secrets/${segment(name, 'secret', 'sortie secret list')}`,
      }),
    fleets: (query: Query) => get(FleetList, '/v1/fleets', query),
    fleet: (name: string) => get(FleetDetail, fleetPath(name)),
    planFleet: (written: Written) =>
      call(FleetPlan, { method: 'POST', path: '/v1/fleets?dry_run=true', body: written }),
    /** The same configuration again changes nothing. */
    applyFleet: (written: Written) =>
      call(FleetDetail, { method: 'POST', path: '/v1/fleets', body: written }),
    deleteFleet: (name: string) => call(FleetDetail, { method: 'DELETE', path: fleetPath(name) }),
  };
}
export type Client = ReturnType<typeof clientOf>;

const fleetPath = (name: string): string => `/v1/fleets/${segment(name, 'fleet', 'sortie fleet')}`;
const instancePath = (id: string): string => `/v1/instances/${segment(id, 'instance', 'sortie instance -a')}`;
const pathOf = (run: string): string => `/v1/runs/${segment(run, 'run', 'sortie ps -a')}`;

/** A gateway decodes a path before it is routed: `../runs` would be another route, and nothing has such a name. */
function segment(name: string, what: string, list: string): string {
  if (name !== '' && name !== '.' && name !== '..' && !name.includes('/')) return encodeURIComponent(name);
  throw new Failure(`there is no ${what} ${JSON.stringify(name)}; list them with: ${list}`);
}

function spelledOut(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

function understood<T>(schema: z.ZodType<T>, answer: Answer, what: string, { url }: Connection): T {
  try {
    return schema.parse(JSON.parse(answer.text));
  } catch (cause) {
    const said =
      answer.type === 'application/json' ? 'in words this version does not know' : `as ${answer.type}`;
    throw new Failure(`${url} answered ${what} ${said} (HTTP ${answer.status})`, {
      exit: Exit.unreachable,
      cause,
      next: `is it Sortie, of this version? see ${url}/v1/health`,
    });
  }
}
