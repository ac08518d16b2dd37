/** Facts of an account that decide whether jobs can run in it. Reading them changes nothing. */
export interface Vitals {
  /** Applied quotas of EC2 by their codes, in vCPUs; one that the account does not have is left out. */
  quotas(codes: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Whether EC2 may launch spot instances: the first launch makes the role, if the caller may create one. */
  hasSpotRole(): Promise<boolean>;
  /** The AMI that a public SSM parameter names; `null`: there is none in this region. */
  imageAt(parameter: string): Promise<string | null>;
  /** EC2's answer to a launch that is a dry run. */
  tryLaunch(launch: {
    readonly type: string;
    readonly image: string;
    readonly subnet: string;
  }): Promise<'allowed' | { readonly code: string; readonly message: string }>;
  /** `null`: there is no such function. */
  functionState(name: string): Promise<FunctionState | null>;
}

export interface FunctionState {
  /** `Active`, `Pending`, `Inactive`, `Failed`. */
  readonly state: string;
  /** `Successful`, `InProgress`, `Failed`. */
  readonly update: string;
  readonly runtime: string;
  /** ISO 8601. */
  readonly modified: string;
}
