import type { NodeObjects } from './upload-node.ts';

/** An AWS account in one region, as far as deploying to it and removing from it goes. Every call may be repeated. */
export interface Account {
  whoAmI(): Promise<Identity>;
  /** The VPC that is there from the start, unless somebody has deleted it. */
  defaultVpc(): Promise<string | null>;
  network(of: { readonly vpc: string } | { readonly subnets: readonly string[] }): Promise<Network>;
  concurrency(): Promise<Concurrency>;
  /** What `concurrency` has reserved for a function; `null`: nothing, or there is no such function. */
  reserved(functionName: string): Promise<number | null>;
  /** 0: it is not invoked any more. `null`: as often as the account allows. */
  reserve(functionName: string, executions: 0 | null): Promise<void>;
  /** Runs a function to its end; `null`: it went well. Else what it said. */
  invoke(functionName: string): Promise<string | null>;
  /** The environment of a function; `null` where there is none of the name. */
  environment(functionName: string): Promise<Readonly<Record<string, string>> | null>;

  stack(name: string): Promise<Stack | null>;
  /** Makes resources that are there already part of a stack, which is created where there is none. Waits for it. */
  takeIn(stack: string, resources: readonly TakenIn[], onProgress: OnProgress): Promise<void>;
  /** Returns once it is gone. Throws where a resource could not be deleted. */
  deleteStack(name: string, onProgress: OnProgress): Promise<void>;

  /** Whose a bucket of this name is: names are one space for all of AWS's customers. */
  bucket(name: string): Promise<'ours' | 'absent' | "another account's">;
  objects(bucket: string): NodeObjects;
  emptyBucket(name: string, onProgress: OnProgress): Promise<void>;
  /** An empty one. */
  deleteBucket(name: string): Promise<void>;
  hasTable(name: string): Promise<boolean>;
  deleteTable(name: string): Promise<void>;
  hasLogGroup(name: string): Promise<boolean>;
  deleteLogGroup(name: string): Promise<void>;

  /** Those with the tag `sortie:deployment` that are not gone yet. */
  instances(deployment: string): Promise<readonly string[]>;
  terminate(instances: readonly string[]): Promise<void>;
  /** Of the placement groups with the tag. */
  deletePlacementGroups(deployment: string): Promise<void>;
}

export interface Identity {
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
}

export interface Concurrency {
  /** Executions at once, of all functions of the account in the region. */
  readonly limit: number;
  /** Of these, what no function has reserved. */
  readonly unreserved: number;
}

export interface Network {
  readonly subnets: readonly Subnet[];
  readonly routeTables: readonly RouteTable[];
}

export interface Subnet {
  readonly id: string;
  readonly vpc: string;
  readonly zone: string;
  readonly freeAddresses: number;
  readonly givesPublicAddress: boolean;
}

export interface RouteTable {
  readonly vpc: string;
  /** That of the subnets which have none of their own. */
  readonly main: boolean;
  readonly subnets: readonly string[];
  /** The id of what `0.0.0.0/0` goes to, such as `igw-…` or `nat-…`; `null`: there is no such route, or it leads nowhere. */
  readonly defaultRoute: string | null;
}

export interface Stack {
  /** As CloudFormation says: `CREATE_COMPLETE`. */
  readonly status: string;
  readonly reason: string | null;
  readonly outputs: Readonly<Record<string, string>>;
  /** Physical ids by logical ones. */
  readonly resources: Readonly<Record<string, string>>;
}

export interface TakenIn {
  readonly logicalId: string;
  readonly type: string;
  /** As the template has it. */
  readonly definition: unknown;
  /** What tells it from the others of its type: `{TableName: 'sortie-prod'}`. */
  readonly identifier: Readonly<Record<string, string>>;
}

export type OnProgress = (what: string) => void;
