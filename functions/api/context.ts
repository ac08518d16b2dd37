import type { Context, Hono } from 'hono';
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda';
import type { CatalogueSource } from '../../domain/catalogue/ports.ts';
import type { Coordination } from '../../domain/coordination/move-job.ts';
import type { DeadLetters } from '../../domain/dead-letters/dead-letters.ts';
import type { NodeBuilds } from '../../domain/instance/node-builds.ts';
import type { Bundles, SshKeys } from '../../domain/job/bundles.ts';
import type { CodeStore } from '../../domain/job/code-store.ts';
import type { Logs } from '../../domain/job/logs.ts';
import type { Bus } from '../../domain/kernel/bus.ts';
import type { Tally } from '../../domain/metrics/tally.ts';
import type { Secrets } from '../../domain/secrets/secrets.ts';

/** What the routes work with; the handler composes it on AWS, a test in memory. */
export interface Api extends Coordination {
  readonly bundles: Pick<Bundles, 'seal' | 'eraseSeal'>;
  readonly code: Pick<CodeStore, 'find' | 'uploadLink'>;
  /** It puts values away, and cannot read them back. */
  readonly secrets: Omit<Secrets, 'read'>;
  /** For the nodes of one run. */
  newSshKeys(): SshKeys;
  readonly logs: Logs;
  readonly nodeBuilds: NodeBuilds;
  readonly deadLetters: DeadLetters;
  readonly bus: Bus;
  readonly tally: Pick<Tally, 'read'>;
  readonly catalogue: CatalogueSource;
  readonly zones: readonly string[] | null;
  readonly fleetInstances: number;
  /** As the passes have it. */
  readonly priceFactor: number;
  /** The most that a request for output is held open; each takes an execution of the account's as long. */
  readonly longPollSeconds: number;
  readonly version: string;
}

export type Env = {
  Bindings: { event: LambdaEvent; lambdaContext: LambdaContext };
  Variables: { caller: Caller };
};
export type Routes = Hono<Env>;
export type Ctx = Context<Env>;

/** Who calls: put there by the authorizer, in front of every route that acts for a user. */
export interface Caller {
  readonly user: string;
  readonly project: string;
}

export const provenance = (caller: Caller, correlation: string) => ({
  by: `user:${caller.user}`,
  causation: null,
  correlation,
});
