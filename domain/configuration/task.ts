import * as z from 'zod';
import { fail, ok, type Result } from '../kernel/result.ts';
import { cpuCredits } from '../planning/price.ts';
import { backends } from './backends.ts';
import { container } from './container.ts';
import { contradictions, MISSING_COMMANDS, type Written } from './contradictions.ts';
import { describe } from './describe.ts';
import { idleDuration, offableDuration } from './duration.ts';
import { env } from './env.ts';
import { commands, shell, user, workingDir } from './execution.ts';
import { explainField } from './fields.ts';
import { files } from './file-mapping.ts';
import { fleets } from './fleets.ts';
import { forbiddenShape } from './forbidden.ts';
import { groups, nodeCount } from './groups.ts';
import { entrypoint, image, registryAuth } from './image.ts';
import { instances } from './instances.ts';
import { memory } from './memory.ts';
import { name } from './name.ts';
import { startupOrders, stopCriteria, type TaskConfiguration, taskConfiguration } from './normalized.ts';
import { availabilityZones, instanceTypes, regions } from './placement.ts';
import { ports } from './port.ts';
import { MAX_PROBLEMS, mustBe, type Problem, problemsOf } from './problem.ts';
import { repos } from './repo.ts';
import { DEFAULT_RESOURCES, resources } from './resources.ts';
import { retry } from './retry.ts';
import { similar } from './similar.ts';
import { tags } from './tags.ts';
import { bytesOf, oneOf } from './text.ts';
import { volumes } from './volumes.ts';

const FIVE_MINUTES = 300;

// A commit in DynamoDB holds the configuration beside everything else it says, and an item is at most 400 KB. It is
// kept as JSON, which writes a quote or a line's end in two bytes and a control character in six.
export const MAX_TEXT_BYTES = 256 * 1024;

const OTHER_TYPES = ['service', 'dev-environment', 'volume', 'gateway', 'preset'];

// As in dstack, a field whose value is null is a field left out.
export const orElse = <T, D>(schema: z.ZodType<T>, otherwise: D) =>
  schema.nullish().transform((value) => value ?? otherwise);
export const orNull = <T>(schema: z.ZodType<T>) => orElse(schema, null);

export const maxPrice = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\s*\d+(\.\d+)?\s*$/)
        .transform(Number),
    ],
    {
      error: mustBe('dollars per hour', 'write a number such as 2.5'),
    },
  )
  .refine((dollars) => Number.isFinite(dollars) && dollars > 0, {
    error: (issue) => `must be more than 0 dollars per hour, not ${describe(issue.input)}`,
  });

const maxDuration = offableDuration
  .refine(
    (seconds) => seconds !== 0,
    'is 0: the run could do nothing\nleave the field out, or write `off`, for no limit',
  )
  .transform((seconds) => (seconds === 'off' ? null : seconds));

// 1 TB costs $500 in CloudWatch Logs.
const logLimit = memory
  .refine((gigabytes) => gigabytes > 0, 'is 0: no output would be kept\nwrite a size such as 100MB')
  .refine((gigabytes) => gigabytes <= 1024, 'is more than 1TB\nwrite large output to a file, and that to S3');

const flag = z.boolean({ error: mustBe('true or false') });

export const taskFields = z.strictObject({
  type: z.literal('task'),
  name: orNull(name),
  backends: orNull(backends),
  commands: orElse(commands, []),
  env: orElse(env, {}),
  image: orNull(image),
  registry_auth: orNull(registryAuth),
  entrypoint: orNull(entrypoint),
  privileged: orNull(flag),
  docker: orElse(flag, false),
  volumes: orElse(volumes, []),
  container: orNull(container),
  nodes: orElse(nodeCount, 1),
  groups: orNull(groups),
  startup_order: orElse(oneOf(startupOrders), 'any' as const),
  stop_criteria: orElse(oneOf(stopCriteria), 'all-done' as const),
  ssh: orElse(flag, false),
  ports: orElse(ports, []),
  files: orElse(files, []),
  repos: orElse(repos, []),
  resources: orElse(resources, DEFAULT_RESOURCES),
  spot_policy: orElse(oneOf(['spot', 'on-demand', 'auto']), 'on-demand' as const),
  max_price: orNull(maxPrice),
  cpu_credits: orElse(oneOf(cpuCredits), 'standard' as const),
  max_duration: maxDuration,
  retry: orNull(retry),
  stop_duration: offableDuration.transform((said) => (said === 'off' ? null : (said ?? FIVE_MINUTES))),
  idle_duration: idleDuration.transform((said) => (said === -1 ? null : (said ?? FIVE_MINUTES))),
  creation_policy: orElse(oneOf(['reuse', 'reuse-or-create']), 'reuse-or-create' as const),
  regions: orNull(regions),
  availability_zones: orNull(availabilityZones),
  instance_types: orNull(instanceTypes),
  instances: orNull(instances),
  fleets: orNull(fleets),
  priority: orElse(
    z
      .int({ error: mustBe('a whole number from 0 to 100') })
      .min(0, 'must be at least 0')
      .max(100, 'must be at most 100'),
    0,
  ),
  log_limit: orElse(logLimit, 1),
  tags: orElse(tags, {}),
  working_dir: orNull(workingDir),
  shell: orNull(shell),
  user: orNull(user),
});

/** A run configuration of `type: task`, as written: dstack's fields, grammar and defaults. */
const task = taskFields
  .transform((written, ctx) => {
    const { backends: _, shell, instances, ...read } = written;
    return {
      ...read,
      instances: instances?.names ?? null,
      fleets: fleetsWith(instances?.fleet ?? null, read.fleets, ctx),
      nodes: read.groups?.reduce((sum, { nodes }) => sum + nodes, 0) ?? read.nodes,
      // dstack's defaults: many images have no bash.
      shell: shell ?? (read.image === null && read.container === null ? 'bash' : 'sh'),
    };
  })
  .pipe(taskConfiguration);

/** The fleet that was named with an instance is the run's own. */
function fleetsWith(fleet: string | null, named: string[] | null, ctx: z.RefinementCtx): string[] | null {
  if (fleet === null || named?.includes(fleet)) return named;
  if (named === null) return [fleet];
  ctx.addIssue({
    code: 'custom',
    path: ['fleets'],
    message: `do not have ${fleet}, which \`instances\` name`,
  });
  return named;
}

export const TASK_FIELDS = Object.keys(taskFields.shape);

/** Reads a configuration, from YAML or JSON. All its problems at once, 50 at most; never throws, whatever the value. */
export function parseConfiguration(value: unknown): Result<TaskConfiguration, readonly Problem[]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const hint = 'start with `type: task`';
    return fail([{ path: [], message: `a configuration is a map of fields, not ${describe(value)}`, hint }]);
  }
  const type = typeProblem(value);
  const forbidden = forbiddenShape(value);
  if (forbidden !== null) return fail([forbidden]);
  // The fields of another type would only be mistaken for misspelt ones of a task.
  if (type !== null && 'type' in value) return fail([type]);

  const result = task.safeParse(type === null ? value : { ...value, type: 'task' });
  const problems = result.success
    ? [...tooLong(result.data), ...contradictions(result.data, writtenIn(value))]
    : [
        ...withoutCommands(value),
        ...problemsOf(result.error, (path, key) => explainField(path, key, TASK_FIELDS)),
      ];
  if (result.success && type === null && problems.length === 0) return ok(result.data);
  return fail(bounded(type === null ? problems : [type, ...problems]));
}

/** Told by the fields' contradictions where all of them could be read; here beside whatever else is wrong. */
function withoutCommands(value: object): Problem[] {
  const written = writtenIn(value);
  if (['commands', 'image', 'entrypoint', 'container', 'groups'].some((field) => written(field))) return [];
  return [MISSING_COMMANDS];
}

const writtenIn =
  (value: unknown): Written =>
  (...path) => {
    const found = path.reduce<unknown>(
      (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[step] : null),
      value,
    );
    return found !== undefined && found !== null;
  };

function tooLong({ commands, groups, env, container }: TaskConfiguration): Problem[] {
  const { setup_script = null, env: own = {} } = container ?? {};
  const text = [[...commands, ...(groups ?? []).flatMap((group) => group.commands)], { ...env, ...own }];
  const bytes = bytesOf(JSON.stringify([...text, ...(setup_script === null ? [] : [setup_script])]));
  if (bytes <= MAX_TEXT_BYTES) return [];
  const script = setup_script?.kind === 'content' && bytesOf(setup_script.content) > bytes / 2;
  const message = `is ${kilobytes(bytes)} KB as JSON together with ${script ? 'all other text' : '`env`'}; at most ${kilobytes(MAX_TEXT_BYTES)} KB is taken`;
  const path = script ? ['container', 'setup_script'] : [groups === null ? 'commands' : 'groups'];
  return [{ path, message, hint: 'fetch large input in the commands' }];
}

function typeProblem(value: object): Problem | null {
  const type = 'type' in value ? value.type : undefined;
  const path = ['type'];
  if (type === 'task') return null;
  if (type === undefined) return { path, message: 'is missing', hint: 'add `type: task`' };
  if (typeof type !== 'string') return { path, message: `must be \`task\`, not ${describe(type)}` };
  if (type === 'fleet')
    return { path, message: 'a fleet is no run', hint: 'create or change it with: sortie apply -f FILE' };
  if (OTHER_TYPES.includes(type))
    return { path, message: `\`${type}\` is not supported yet`, hint: 'only `task` and `fleet` are' };
  const meant = similar(type, ['task', 'fleet', ...OTHER_TYPES]);
  const message = `unknown type ${describe(type)}`;
  return meant === null
    ? { path, message, hint: 'write `task`' }
    : { path, message: `${message}, did you mean \`${meant}\`?` };
}

export function bounded(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= MAX_PROBLEMS) return problems;
  const more = problems.length - MAX_PROBLEMS;
  return [...problems.slice(0, MAX_PROBLEMS), { path: [], message: `and ${more} more problems` }];
}

const kilobytes = (bytes: number): string => (bytes / 1024).toFixed(bytes % 1024 === 0 ? 0 : 1);
