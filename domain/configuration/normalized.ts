import * as z from 'zod';
import { Lifetime } from '../container/sighting.ts';
import { Retry } from '../kernel/retry.ts';
import { CpuCredits } from '../planning/price.ts';

/**
 * A configuration once read: what is stored, planned on, and answered by the API. Sizes are gigabytes, times are
 * seconds, prices are dollars per hour. A `null` end of a range is open.
 */
export const range = z.object({ min: z.number().nullable(), max: z.number().nullable() });
export type Range = z.infer<typeof range>;

export const cpuSpec = z.object({ arch: z.enum(['x86', 'arm']).nullable(), count: range });
export type CpuSpec = z.infer<typeof cpuSpec>;

export const gpuVendors = ['nvidia', 'amd', 'google', 'intel', 'tenstorrent'] as const;

export const gpuSpec = z.object({
  vendor: z.enum(gpuVendors).nullable(),
  /** Any of these, as the user wrote them: compare without regard to case. */
  name: z.array(z.string()).nullable(),
  /** `{min: 0, max: null}` when the configuration says nothing of GPUs: none is needed. */
  count: range,
  /** Of each GPU. */
  memory: range.nullable(),
  total_memory: range.nullable(),
  compute_capability: z.tuple([z.int(), z.int()]).nullable(),
});
export type GpuSpec = z.infer<typeof gpuSpec>;

export const diskSpec = z.object({ size: range });
export type DiskSpec = z.infer<typeof diskSpec>;

export const resourcesSpec = z.object({
  cpu: cpuSpec,
  memory: range,
  shm_size: z.number().nullable(),
  gpu: gpuSpec,
  disk: diskSpec,
});
export type Resources = z.infer<typeof resourcesSpec>;

/** `{key}` is a variable to take from the submitter's own environment: see `resolveEnv`. */
const envValue = z.union([z.string(), z.object({ key: z.string() })]);
export type EnvValue = z.infer<typeof envValue>;

const anyOf = z.array(z.string()).nullable();

export const volumeSpec = z.object({
  instance_path: z.string(),
  path: z.string(),
  mode: z.enum(['rw', 'ro']),
  /** Not mounted where the instance has no such folder. */
  optional: z.boolean(),
  /** Made where the instance has no such folder. */
  create: z.boolean(),
});
export type Volume = z.infer<typeof volumeSpec>;

/** A file still to be read beside the configuration, or its content. */
const setupScriptSpec = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: z.string() }),
  z.object({ kind: z.literal('content'), path: z.string().nullable(), content: z.string() }),
]);
export type SetupScript = z.infer<typeof setupScriptSpec>;

const words = z.array(z.string());

export const containerSpec = z.object({
  lifetime: Lifetime,
  name: z.string().nullable(),
  setup_script: setupScriptSpec.nullable(),
  /** `null`: Docker where it is there, else Podman. */
  runtime: z.enum(['docker', 'podman', 'enroot']).nullable(),
  args: z.object({
    /** `null`: the instance's own. */
    network: z.string().nullable(),
    ipc: z.string().nullable(),
    privileged: z.boolean().nullable(),
    volumes: z.array(volumeSpec),
    devices: words,
    cap_add: words,
    security_opt: words,
    group_add: words,
    ulimit: words,
  }),
  env: z.record(z.string(), envValue),
  image_tar: z.string().nullable(),
  pull_timeout: z.number(),
});
export type ContainerSpec = z.infer<typeof containerSpec>;

/** `local_port` null: any. */
const portSpec = z.object({ local_port: z.int().nullable(), container_port: z.int() });
export type Port = z.infer<typeof portSpec>;

/** `path`: on a node. */
const fileSpec = z.object({ local_path: z.string(), path: z.string() });
export type FileMapping = z.infer<typeof fileSpec>;

/** One of `local_path` and `url`. */
const repoSpec = z.object({
  local_path: z.string().nullable(),
  url: z.string().nullable(),
  branch: z.string().nullable(),
  hash: z.string().nullable(),
  path: z.string(),
  if_exists: z.enum(['error', 'skip']),
});
export type Repo = z.infer<typeof repoSpec>;

/** Nodes that are alike. */
export const nodeGroup = z.object({
  name: z.string().nullable(),
  nodes: z.int(),
  commands: z.array(z.string()),
  ports: z.array(portSpec),
  resources: resourcesSpec,
});
export type NodeGroup = z.infer<typeof nodeGroup>;

export const startupOrders = ['any', 'master-first', 'workers-first'] as const;
export const stopCriteria = ['all-done', 'master-done'] as const;

export const taskConfiguration = z.object({
  type: z.literal('task'),
  name: z.string().nullable(),
  commands: z.array(z.string()),
  env: z.record(z.string(), envValue),
  /** `null`: the commands run on the instance itself, unless `container` says otherwise. */
  image: z.string().nullable(),
  /** May refer to `env`: see `secretsOf`. */
  registry_auth: z.object({ username: z.string(), password: z.string() }).nullable(),
  /** `null`: the shell. */
  entrypoint: z.array(z.string()).nullable(),
  privileged: z.boolean().nullable(),
  /** The instance's own Docker has to answer before the commands begin. */
  docker: z.boolean(),
  volumes: z.array(volumeSpec),
  container: containerSpec.nullable(),
  /** Of all groups. */
  nodes: z.int(),
  /** `null`: all nodes are alike, with the task's own commands and resources. */
  groups: z.array(nodeGroup).nullable(),
  startup_order: z.enum(startupOrders),
  stop_criteria: z.enum(stopCriteria),
  /** The nodes reach each other by ssh, in their containers. */
  ssh: z.boolean(),
  /** Where the job listens; nothing is forwarded to its user yet. */
  ports: z.array(portSpec),
  /** Copied to each node before its commands, after the repositories. */
  files: z.array(fileSpec),
  repos: z.array(repoSpec),
  resources: resourcesSpec,
  spot_policy: z.enum(['spot', 'on-demand', 'auto']),
  max_price: z.number().nullable(),
  /** What becomes of a burstable instance that has used up its CPU credits: slowed down, or billed for more. */
  cpu_credits: CpuCredits,
  /** `null`: no limit. */
  max_duration: z.number().nullable(),
  /** `null`: what fails is not tried again. */
  retry: Retry.nullable(),
  /** Between TERM and KILL. `null`: never KILL. */
  stop_duration: z.number().nullable(),
  /** `null`: an idle instance is kept. */
  idle_duration: z.number().nullable(),
  creation_policy: z.enum(['reuse', 'reuse-or-create']),
  /** `null`: any. The same for zones and types. */
  regions: anyOf,
  availability_zones: anyOf,
  instance_types: anyOf,
  /** Ids or names; `null`: any. */
  instances: anyOf,
  /** `null`: the default fleet. Each by its name, or as `project/name`. */
  fleets: z.array(z.string()).nullable(),
  priority: z.int(),
  /** GB of output that are kept. */
  log_limit: z.number(),
  tags: z.record(z.string(), z.string()),
  working_dir: z.string().nullable(),
  shell: z.string(),
  user: z.string().nullable(),
});
export type TaskConfiguration = z.infer<typeof taskConfiguration>;

/** A task whose every variable has its value: what is submitted. */
export type ResolvedTask = Omit<TaskConfiguration, 'env' | 'container'> & {
  env: Record<string, string>;
  container: (Omit<ContainerSpec, 'env'> & { env: Record<string, string> }) | null;
};

/** `max` `null`: as many as the limits allow. */
export const nodesSpec = z.object({ min: z.int(), target: z.int(), max: z.int().nullable() });
export type Nodes = z.infer<typeof nodesSpec>;

/** Into how many equal parts an instance is cut, each a job's; `auto`: as many as can be cut. */
export const blocksSpec = z.union([z.int().min(1), z.literal('auto')]);
export type Blocks = z.infer<typeof blocksSpec>;

/** `cluster`: all instances in one of EC2's cluster placement groups, and so in one zone. */
export const placements = ['any', 'cluster'] as const;
export const placementSpec = z.enum(placements);

export const healthChecks = ['disk', 'memory', 'gpu'] as const;

/** What a node is asked before its first job and after a failure. `timeout`: of all checks and the script together. */
export const healthSpec = z.object({
  checks: z.array(z.enum(healthChecks)),
  script: z.string().nullable(),
  timeout: z.number(),
});
export type HealthSpec = z.infer<typeof healthSpec>;

/** What a fleet lets in; `null`: anything. */
const admittedSpec = z.object({
  cpu: cpuSpec.nullable(),
  memory: range.nullable(),
  gpu: gpuSpec.nullable(),
  disk: diskSpec.nullable(),
});

export const fleetConfiguration = z.object({
  type: z.literal('fleet'),
  name: z.string(),
  nodes: nodesSpec,
  placement: placementSpec,
  blocks: blocksSpec,
  /** `null`: nodes are not checked. */
  health: healthSpec.nullable(),
  resources: admittedSpec,
  /** `never`: an idle instance is kept. `null`: as its run says. */
  idle_duration: z.union([z.number(), z.literal('never')]).nullable(),
  spot_policy: z.enum(['spot', 'on-demand', 'auto']).nullable(),
  max_price: z.number().nullable(),
  regions: anyOf,
  availability_zones: anyOf,
  instance_types: anyOf,
  tags: z.record(z.string(), z.string()),
  /** Dollars, and dollars per hour. `null`: no limit; of instances, the deployment's. */
  limits: z.object({
    instances: z.int().nullable(),
    vcpus: z.int().nullable(),
    price_per_hour: z.number().nullable(),
    budget: z.number().nullable(),
  }),
});
export type FleetConfiguration = z.infer<typeof fleetConfiguration>;
