import type { ResolvedTask } from '../configuration/normalized.ts';
import { withVariables } from '../configuration/references.ts';
import type { Sealed, SshKeys } from '../job/bundles.ts';
import type { StoredTask } from './events.ts';

export const NOTHING_SEALED: Sealed = { env: {}, container_env: {}, registry_auth: null, ssh: null };

/** What of a task is kept apart from its events, its references to variables replaced; and the run's own keys, new ones. */
export function secretsOf(
  { env, container, registry_auth, ssh }: ResolvedTask,
  newSshKeys: () => SshKeys,
): Sealed {
  return {
    env,
    container_env: Object.fromEntries(
      Object.entries(container?.env ?? {}).map(([name, value]) => [name, withVariables(value, env)]),
    ),
    registry_auth: registry_auth && {
      username: withVariables(registry_auth.username, env),
      password: withVariables(registry_auth.password, env),
    },
    ssh: ssh ? newSshKeys() : null,
  };
}

export const hasSecrets = ({ env, container, ssh }: StoredTask): boolean =>
  env.length > 0 ||
  ssh ||
  (container !== null && (container.env.length > 0 || container.registry_auth !== null));
