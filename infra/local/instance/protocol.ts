/** The lines of JSON between an instance's agent and the embedded SSM. It stands in for AWS's private one. */
export const agentPath = '/_sortie/agent';

export type ToService =
  | { readonly type: 'hello'; readonly instance: string; readonly token: string }
  | { readonly type: 'started'; readonly delivery: string; readonly at: number }
  | { readonly type: 'finished'; readonly delivery: string; readonly result: CommandResult };

export type ToAgent =
  | { readonly type: 'welcome' }
  | { readonly type: 'run'; readonly delivery: string; readonly order: CommandOrder }
  | { readonly type: 'cancel'; readonly delivery: string }
  /** The result is on disk at the service: the agent may forget it. */
  | { readonly type: 'recorded'; readonly delivery: string };

export type CommandOrder = {
  readonly script: string;
  readonly timeoutMs: number;
  /** The command does not start after this moment (epoch ms): SSM's TimeoutSeconds. */
  readonly startBefore: number;
  readonly workingDirectory: string | null;
};

export type CommandResult = {
  readonly end: 'exited' | 'timed-out' | 'cancelled' | 'too-late';
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly startedAt: number;
  readonly finishedAt: number;
};

/** What an instance knows of itself, in its `instance.json`. */
export type InstanceIdentity = {
  readonly instance: string;
  /** `agentToken`. */
  readonly token: string;
  readonly region: string;
  readonly endpoints: string;
  /** An `environ` entry that every process of the instance carries. */
  readonly marker: string;
  readonly sandbox: string;
  /** Milliseconds after its start. */
  readonly after: { readonly agent: number; readonly userData: number };
  /** The whole environment of user data and commands. */
  readonly env: Readonly<Record<string, string>>;
};
