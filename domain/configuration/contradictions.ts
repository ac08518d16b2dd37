import { takesProgramText } from '../container/entrypoint.ts';
import { MAX_ENVIRONMENT_BYTES, MAX_VARIABLE_BYTES } from './env.ts';
import type { ContainerSpec, TaskConfiguration, Volume } from './normalized.ts';
import type { Path, Problem } from './problem.ts';
import { expandedBytes, wrongInCommand, wrongVariable } from './references.ts';

/** The fields of a task that were written, whatever their values: a default contradicts nothing. */
export type Written = (...path: string[]) => boolean;

/** What its fields, each of them right, say together that cannot be. */
export function contradictions(task: TaskConfiguration, written: Written): readonly Problem[] {
  return [
    ...ofNodes(task, written),
    ...ofInstances(task, written),
    ...ofSsh(task),
    ...(task.image === null && task.container === null
      ? withoutContainer(task, written)
      : ofContainer(task, written)),
    ...ofCommands(task, written),
    ...ofRepos(task),
    ...ofReferences(task),
  ];
}

const found = (path: Path, message: string, hint?: string): Problem => ({
  path,
  message,
  ...(hint !== undefined && { hint }),
});

const both = (one: Path, other: string): Problem =>
  found(one, `cannot be set together with \`${other}\``, 'keep one of them');

function ofNodes({ groups }: TaskConfiguration, written: Written): Problem[] {
  if (groups === null) return [];
  const names = groups.flatMap(({ name }, index) => (name === null ? [] : [{ name, index }]));
  return [
    ...['nodes', 'commands', 'resources']
      .filter((field) => written(field))
      .map((field) => both([field], 'groups')),
    ...names
      .filter(({ name, index }) => names.some((other) => other.name === name && other.index < index))
      .map(({ name, index }) => found(['groups', index, 'name'], `\`${name}\` is given to two groups`)),
  ];
}

function ofInstances(
  { instances, nodes, fleets, creation_policy }: TaskConfiguration,
  written: Written,
): Problem[] {
  if (instances === null) return [];
  const twice = instances.findIndex((name, index) => instances.indexOf(name) < index);
  return [
    ...(twice < 0 ? [] : [found(['instances', twice], 'is named twice')]),
    ...(instances.length < nodes
      ? [found(['instances'], `names ${instances.length}, and \`nodes\` are ${nodes}: each needs one`)]
      : []),
    ...((fleets?.length ?? 1) > 1
      ? [found(['fleets'], 'names several, and `instances` are of one', 'name the fleet that they are in')]
      : []),
    ...(written('creation_policy') && creation_policy !== 'reuse'
      ? [both(['creation_policy'], 'instances')]
      : []),
  ];
}

/** Between nodes, and into a container: a machine of one's own keeps its doors shut. */
function ofSsh({ ssh, nodes, image, container }: TaskConfiguration): Problem[] {
  if (!ssh) return [];
  const network = container?.args.network ?? 'host';
  return [
    ...(nodes === 1
      ? [
          found(
            ['ssh'],
            'is for the nodes of a run, and this run has one',
            'write `nodes: 2`, for instance, or leave it out',
          ),
        ]
      : []),
    ...(image === null && container === null
      ? [
          found(
            ['ssh'],
            'is for nodes with a container, and there is none',
            'name an `image` that has sshd and ssh (openssh-server and openssh-client)',
          ),
        ]
      : []),
    ...(network === 'host'
      ? []
      : [
          found(
            ['container', 'args', 'network'],
            'has to be that of the instance with `ssh: true`, by which the nodes reach each other',
            'leave it out, or write `host`',
          ),
        ]),
  ];
}

const NEEDS_IMAGE = 'name an `image`: without one, the commands run on the instance itself';

/** Of the fields of a container; `privileged` is what a command on the instance is anyway. */
function withoutContainer({ volumes, user }: TaskConfiguration, written: Written): Problem[] {
  const lacking = ['registry_auth', 'entrypoint'].filter((field) => written(field));
  return [
    ...lacking.map((field) => found([field], 'is for a container, and there is none', NEEDS_IMAGE)),
    ...(volumes.length > 0
      ? [found(['volumes'], 'are for a container, and there is none', NEEDS_IMAGE)]
      : []),
    ...(user?.includes(':')
      ? [found(['user'], 'a group is not supported yet without an `image`', 'write the user alone')]
      : []),
  ];
}

function ofContainer(task: TaskConfiguration, written: Written): Problem[] {
  const { image, container, docker } = task;
  const lifetime = container?.lifetime ?? 'per_run';
  return [
    ...(docker ? [both(['docker'], image === null ? 'container' : 'image')] : []),
    ...(image === null && lifetime !== 'no_launch'
      ? [
          found(
            ['container'],
            `has no \`image\` to start it from`,
            container?.image_tar
              ? 'write what the image in `image_tar` is called: `image: NAME`'
              : 'name an `image`; or write `lifetime: no_launch`, for a container that runs already',
          ),
        ]
      : []),
    ...(container !== null && container.name === null && lifetime !== 'per_run'
      ? [
          found(
            ['container', 'name'],
            `is missing: \`lifetime: ${lifetime}\` needs the name of the container`,
          ),
        ]
      : []),
    ...(lifetime === 'no_launch' ? ofNoLaunch(written) : []),
    ...(container?.image_tar && task.registry_auth ? [both(['registry_auth'], 'container.image_tar')] : []),
    ...(task.privileged !== null && container?.args.privileged != null
      ? [both(['privileged'], 'container.args.privileged')]
      : []),
    ...mountedTwice(task.volumes, container),
  ];
}

/** Nothing of it is started, so nothing can be said of how. */
function ofNoLaunch(written: Written): Problem[] {
  const fields = [
    ...['registry_auth', 'privileged', 'volumes'].map((field) => [field]),
    ['resources', 'shm_size'],
    ...['setup_script', 'image_tar', 'pull_timeout', 'args', 'env'].map((field) => ['container', field]),
  ];
  return fields
    .filter((path) => written(...path))
    .map((path) =>
      found(
        path,
        'cannot be set together with `lifetime: no_launch`',
        path.at(-1) === 'env'
          ? 'write the variables under `env` of the task: its commands get them'
          : 'the container runs already: leave this out, or choose another lifetime',
      ),
    );
}

function mountedTwice(volumes: readonly Volume[], container: ContainerSpec | null): Problem[] {
  const mounts = [
    ...volumes.map(({ path }, index) => ({ path, at: ['volumes', index] })),
    ...(container?.args.volumes ?? []).map(({ path }, index) => ({
      path,
      at: ['container', 'args', 'volumes', index],
    })),
  ];
  return mounts
    .filter(({ path }, index) => mounts.findIndex((other) => other.path === path) < index)
    .map(({ path, at }) => found(at, `\`${path}\` is mounted twice`));
}

/** A working copy is packed as it is: what a clone would take is for a URL, which is not cloned yet. */
function ofRepos({ repos }: TaskConfiguration): Problem[] {
  return repos.flatMap(({ local_path, url, branch, hash, path }, index) => {
    const at = ['repos', index];
    const twice = repos.findIndex((other) => other.path === path) < index;
    return [
      ...(twice ? [found(at, `\`${path}\` is the place of two repositories`, 'write another path')] : []),
      ...(local_path !== null && url !== null ? [both([...at, 'url'], 'local_path')] : []),
      ...(local_path === null && url === null ? [found(at, 'has neither `local_path` nor `url`')] : []),
      ...(url !== null && local_path === null
        ? [
            found(
              at,
              'the URL of a repository is not supported yet',
              `clone it in \`commands\`: git clone ${url}`,
            ),
          ]
        : []),
      ...(local_path !== null && (branch ?? hash) !== null
        ? [
            found(
              [...at, branch === null ? 'hash' : 'branch'],
              'is for a `url`: a `local_path` is taken as it is',
              'check it out first',
            ),
          ]
        : []),
    ];
  });
}

export const MISSING_COMMANDS: Problem = {
  path: ['commands'],
  message: 'is missing: a task has a list of commands',
  hint: 'add `commands:` and, below it, `- echo hello`',
};

function ofCommands(task: TaskConfiguration, written: Written): Problem[] {
  const { image, container, entrypoint, groups } = task;
  const ownProgram =
    entrypoint !== null || (image !== null && (container?.lifetime ?? 'per_run') === 'per_run');
  const lists = groups?.map(({ commands }, index) => ({ commands, at: ['groups', index, 'commands'] })) ?? [
    { commands: task.commands, at: ['commands'] },
  ];
  return [
    ...(entrypoint !== null && written('shell') ? [both(['shell'], 'entrypoint')] : []),
    ...lists
      .filter(({ commands }) => commands.length > 1 && takesProgramText(entrypoint ?? []))
      .map(({ at }) =>
        found(
          [...at, 1],
          `would not run: \`${entrypoint?.join(' ')}\` takes one text, the first command`,
          'put all of them into one block after `- |`',
        ),
      ),
    ...lists
      .filter(({ commands }) => commands.length === 0 && !ownProgram)
      .map(({ at }) =>
        written(...at.map(String))
          ? found(at, 'has no command', 'add one, such as `- echo hello`')
          : groups === null
            ? MISSING_COMMANDS
            : { ...MISSING_COMMANDS, path: at, message: 'is missing: a group has commands of its own' },
      ),
  ];
}

function ofReferences({
  commands,
  groups,
  nodes,
  env,
  registry_auth,
  container,
}: TaskConfiguration): Problem[] {
  const sizes = groups?.map((group) => group.nodes) ?? [nodes];
  const names = Object.keys(env);
  const lists = groups?.map((group, index) => ({
    lines: group.commands,
    at: ['groups', index, 'commands'],
  })) ?? [{ lines: commands, at: ['commands'] }];
  const told = (path: Path, wrong: string | null) => {
    const [message = '', hint] = wrong?.split('\n') ?? [];
    return wrong === null ? [] : [found(path, message, hint)];
  };
  return [
    ...lists.flatMap(({ lines, at }) =>
      lines.flatMap((line, index) => told([...at, index], wrongInCommand(line, sizes))),
    ),
    ...Object.entries(registry_auth ?? {}).flatMap(([field, value]) =>
      told(['registry_auth', field], wrongVariable(value, names)),
    ),
    ...Object.entries(container?.env ?? {}).flatMap(([name, value]) =>
      typeof value === 'string' ? told(['container', 'env', name], wrongVariable(value, names)) : [],
    ),
    ...tooLargeExpanded({ env, registry_auth, container }),
  ];
}

/**
 * Texts that grow too large by the values they refer to. Variables that only the submitter's shell has count as they are
 * written, and secrets with the most that one may have.
 */
function tooLargeExpanded({
  env,
  registry_auth,
  container,
}: Pick<TaskConfiguration, 'env' | 'registry_auth' | 'container'>): Problem[] {
  const sized = (at: Path, values: object) =>
    Object.entries(values).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'string' ? [{ path: [...at, name], bytes: expandedBytes(value, env) }] : [],
    );
  const ofJob = sized(['env'], env);
  const ofContainer = sized(['container', 'env'], container?.env ?? {});
  const all = [...ofJob, ...ofContainer, ...sized(['registry_auth'], registry_auth ?? {})];
  const large = all
    .filter(({ bytes }) => bytes > MAX_VARIABLE_BYTES)
    .map(({ path, bytes }) =>
      found(path, `is ${bytes} bytes with the values it refers to; at most ${MAX_VARIABLE_BYTES} are taken`),
    );
  if (large.length > 0) return large;
  return [
    { path: ['env'], values: ofJob },
    { path: ['container', 'env'], values: ofContainer },
  ].flatMap(({ path, values }) => {
    const total = values.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total <= MAX_ENVIRONMENT_BYTES) return [];
    const message = `is ${total} bytes in all with the values it refers to; Linux takes at most ${MAX_ENVIRONMENT_BYTES}`;
    return [found(path, message)];
  });
}
