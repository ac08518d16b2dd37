import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { BundledContainer } from '../../contract.ts';
import { deviceArguments } from './devices.ts';
import type { Fresh } from './engine.ts';
import { environmentFlags, type Variables, variablesFor } from './environment-flags.ts';

/**
 * The container's first process does nothing but wait, reap what is orphaned, and go at once when told. Not `--init`,
 * whose program not every engine has; not `tail`, which ignores a TERM as process 1.
 */
export const KEEPER =
  'trap "exit 0" TERM INT; while :; do sleep 86400 & wait $!; [ $? != 127 ] || exit 127; done';

/** What `run` gets, of Docker as of Podman, whose flags are the same but for GPUs. */
export function runArguments(
  engine: 'docker' | 'podman',
  { name, image, container, volumes, labels }: Fresh,
  slice: string | null = null,
): Result<{ args: string[]; environment: Variables }, string> {
  const environment = variablesFor(container.env);
  if (!environment.ok) return fail(`container.${environment.error}`);
  const args = [
    'run',
    '--detach',
    '--pull=never',
    `--name=${name}`,
    // Whose processes do not reach the instance's credentials: the network of the instance reaches them from a container too.
    ...(slice === null ? [] : [`--cgroup-parent=${slice}`]),
    ...Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`),
    ...flags(container),
    ...deviceArguments(engine, container.gpus),
    ...volumes.map(({ instance_path, path, mode }) => `--volume=${instance_path}:${path}:${mode}`),
    ...environmentFlags(environment.value),
    '--entrypoint=sh',
    image,
    '-c',
    KEEPER,
  ];
  return ok({ args, environment: environment.value });
}

function flags(container: BundledContainer): string[] {
  const each = (flag: string, values: readonly string[]) => values.map((value) => `--${flag}=${value}`);
  return [
    `--network=${container.network}`,
    ...(container.privileged ? ['--privileged'] : []),
    ...(container.ipc === null ? [] : [`--ipc=${container.ipc}`]),
    ...(container.shm_bytes === null ? [] : [`--shm-size=${container.shm_bytes}b`]),
    ...each('device', container.devices),
    ...each('cap-add', container.cap_add),
    ...each('security-opt', container.security_opt),
    ...each('group-add', container.group_add),
    ...each('ulimit', container.ulimit),
  ];
}
