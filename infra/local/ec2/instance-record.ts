import type { SandboxedProcess } from '../instance/sandbox.ts';
import type { Boot } from '../wire/faults.ts';

/** What the embedded EC2 knows of an instance type; the catalogue gives it. */
export type InstanceTypeFacts = {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly zones: readonly string[];
  readonly architecture?: 'x86_64' | 'arm64';
  /** The strategies of placement groups that it supports. Default: all. */
  readonly strategies?: readonly Strategy[];
};
export type Strategy = 'cluster' | 'partition' | 'spread';
export type Catalogue = (instanceType: string) => InstanceTypeFacts | undefined;

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html */
export const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export type Market = 'on-demand' | 'spot';

export type Reason = { readonly code: string; readonly message: string };

export type InstanceRecord = {
  readonly id: string;
  /** Counts launches; the private address follows from it. */
  readonly number: number;
  readonly reservation: string;
  readonly launchIndex: number;
  readonly clientToken: string | null;
  readonly imageId: string;
  readonly type: string;
  readonly vcpus: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly zone: string;
  readonly subnetId: string;
  readonly privateIp: string;
  /** The placement group it is in. Not in what was stored before there were any. */
  readonly group?: string | null;
  readonly market: Market;
  readonly spotRequest: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly securityGroups: readonly string[];
  readonly profile: string | null;
  readonly keyName: string | null;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly metadata: { readonly httpTokens: string; readonly hopLimit: number };
  /** As it came: base64. */
  readonly userData: string | null;
  readonly launchedAt: number;
  /** The boot fault it was launched under; it keeps it over a restart of the host. */
  readonly fate: Boot;
  readonly state: InstanceState;
  readonly stateReason: Reason | null;
  readonly transitionReason: string;
  readonly process: SandboxedProcess | null;
  /** When a spot interruption takes it, in epoch ms. */
  readonly interruptedAt: number | null;
  readonly terminatedAt: number | null;
};

export const isLive = (instance: InstanceRecord): boolean =>
  instance.state === 'pending' || instance.state === 'running';
