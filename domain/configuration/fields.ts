import { ARGS_FIELDS, CONTAINER_FIELDS } from './container.ts';
import { CPU_FIELDS } from './cpu.ts';
import { visible } from './describe.ts';
import { DISK_FIELDS } from './disk.ts';
import { FILE_FIELDS } from './file-mapping.ts';
import { GPU_FIELDS } from './gpu.ts';
import { GROUP_FIELDS } from './groups.ts';
import { HEALTH_FIELDS } from './health.ts';
import { REGISTRY_AUTH_FIELDS } from './image.ts';
import { LIMIT_FIELDS } from './limits.ts';
import { NODE_FIELDS } from './nodes.ts';
import { PORT_FIELDS } from './port.ts';
import type { Path, Problem } from './problem.ts';
import { REPO_FIELDS } from './repo.ts';
import { RESOURCE_FIELDS } from './resources.ts';
import { RETRY_FIELDS } from './retry.ts';
import { similar } from './similar.ts';
import { VOLUME_FIELDS } from './volumes.ts';

/** dstack's fields of a task that this version does not act on, each with what to do instead, if anything. */
const NOT_YET: Record<string, string | null> = {
  backend_options: null,
  dstack: null,
  home_dir: null,
  instance_name: null,
  nvcc: 'name an `image` that has it',
  pool_name: null,
  python: 'install it in `commands`, with `uv venv --python 3.12` for instance',
  reservation: null,
  retry_policy: 'use `retry`',
  schedule: null,
  setup: 'put these at the start of `commands`',
  single_branch: null,
  termination_idle_time: 'use `idle_duration`',
  termination_policy: 'use `idle_duration`',
  utilization_policy: null,
};

const OTHER_TYPES: Record<string, string> = {
  ...fieldsOf(
    '`type: service`, which is not supported yet',
    'auth gateway https model port probes rate_limits replicas router scaling strip_prefix',
  ),
  ...fieldsOf('`type: fleet`: give it to the fleet that the task names under `fleets`', 'blocks health'),
  ...fieldsOf('`type: dev-environment`, which is not supported yet', 'ide inactivity_duration init version'),
};

/** Fields that a type does not have: dstack's, each with what to do instead, and those of other types. */
export interface Strange {
  readonly notYet: Readonly<Record<string, string | null>>;
  readonly others: Readonly<Record<string, string>>;
}
const OF_A_TASK: Strange = { notYet: NOT_YET, others: OTHER_TYPES };

/** `*` stands for a place in a list. */
export const NESTED_FIELDS: Record<string, readonly string[]> = {
  container: CONTAINER_FIELDS,
  'container.args': ARGS_FIELDS,
  'container.args.volumes.*': VOLUME_FIELDS,
  'container.setup_script': ['path', 'content'],
  'groups.*': GROUP_FIELDS,
  'groups.*.resources': RESOURCE_FIELDS,
  'groups.*.resources.cpu': CPU_FIELDS,
  'groups.*.resources.gpu': GPU_FIELDS,
  'groups.*.resources.disk': DISK_FIELDS,
  health: HEALTH_FIELDS,
  registry_auth: REGISTRY_AUTH_FIELDS,
  'fleets.*': ['name', 'project'],
  'instances.*': ['fleet', 'instance', 'hostname'],
  'files.*': FILE_FIELDS,
  'repos.*': REPO_FIELDS,
  'ports.*': PORT_FIELDS,
  'groups.*.ports.*': PORT_FIELDS,
  'volumes.*': VOLUME_FIELDS,
  resources: RESOURCE_FIELDS,
  retry: RETRY_FIELDS,
  'resources.cpu': CPU_FIELDS,
  'resources.gpu': GPU_FIELDS,
  'resources.disk': DISK_FIELDS,
  nodes: NODE_FIELDS,
  limits: LIMIT_FIELDS,
};

/** What to say of a field that the schema at `parent` does not have; `top` are the fields it has at the top. */
export function explainField(
  parent: Path,
  field: string,
  top: readonly string[],
  { notYet, others }: Strange = OF_A_TASK,
): Problem {
  const path = [...parent, field];
  const place = parent.map((step) => (typeof step === 'number' ? '*' : step)).join('.');
  const shown = `\`${visible(field.length > 60 ? `${field.slice(0, 60)}…` : field)}\``;
  const say = (message: string, hint?: string | null): Problem => ({
    path,
    message,
    ...(hint ? { hint } : {}),
    about: 'key',
  });

  if (parent.length === 0) {
    if (Object.hasOwn(notYet, field)) return say(`${shown} is not supported yet`, notYet[field]);
    if (Object.hasOwn(others, field)) return say(`${shown} belongs to ${others[field]}`);
    if (RESOURCE_FIELDS.includes(field))
      return say(`${shown} belongs under \`resources\``, 'indent it below `resources:`');
  } else if (top.includes(field)) {
    return say(`${shown} does not belong here`, 'move it to the top level: it is indented too far');
  }
  const here = parent.length === 0 ? top : (NESTED_FIELDS[place] ?? ['min', 'max']);
  const meant = similar(field, parent.length === 0 ? [...top, ...Object.keys(notYet)] : here);
  if (meant !== null) return say(`unknown field ${shown}, did you mean \`${meant}\`?`);
  return say(`unknown field ${shown}`, `the fields here are ${here.join(', ')}`);
}

function fieldsOf(type: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]));
}
