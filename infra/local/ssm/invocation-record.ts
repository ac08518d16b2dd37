/** A command as it was sent; each of its instances has an invocation. */
export type CommandRecord = {
  readonly id: string;
  readonly document: string;
  /** Not in what was stored before a call could name one. */
  readonly documentVersion?: string;
  readonly plugin: string;
  readonly comment: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly instances: readonly string[];
  readonly requestedAt: number;
  readonly timeoutSeconds: number;
  /** No instance starts it after this moment. */
  readonly startBefore: number;
  /** What has not ended by now is DeliveryTimedOut. */
  readonly expiresAt: number;
  readonly timeoutMs: number;
  readonly workingDirectory: string | null;
};

export type InvocationState =
  | { readonly is: 'pending' }
  | { readonly is: 'in-progress'; readonly startedAt: number }
  | { readonly is: 'cancelling'; readonly startedAt: number | null }
  | ({ readonly is: 'ended' } & Ending);

export type Ending = {
  readonly status: 'Success' | 'Failed' | 'TimedOut' | 'Cancelled';
  readonly details: 'Success' | 'Failed' | 'ExecutionTimedOut' | 'DeliveryTimedOut' | 'Cancelled';
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly startedAt: number | null;
  readonly endedAt: number;
};

export type InvocationRecord = {
  readonly command: string;
  readonly instance: string;
  readonly state: InvocationState;
};

/** Status and StatusDetails, which agree until the end. */
export function statusOf(state: InvocationState): { status: string; details: string } {
  switch (state.is) {
    case 'pending':
      return { status: 'Pending', details: 'Pending' };
    case 'in-progress':
      return { status: 'InProgress', details: 'InProgress' };
    case 'cancelling':
      return { status: 'Cancelling', details: 'Cancelling' };
    case 'ended':
      return { status: state.status, details: state.details };
  }
}
