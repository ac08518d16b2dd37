import type { ResolvedTask, TaskConfiguration } from '../configuration/normalized.ts';
import type { Path } from '../configuration/problem.ts';
import { secretsNamed, withVariables } from '../configuration/references.ts';
import type { Sealed, SshKeys, Unsealed } from '../job/bundles.ts';
import { revealed, type SecretText, secretsIn } from '../secrets/text.ts';
import type { StoredTask } from './events.ts';

export const NOTHING_SEALED: Unsealed = { env: {}, container_env: {}, registry_auth: null, ssh: null };

/** What of a task is kept apart from its events, its references to variables replaced; and the run's own keys, new ones. */
export function secretsOf(
  { env: given, container, registry_auth, ssh }: ResolvedTask,
  newSshKeys: () => SshKeys,
): Sealed {
  const env = each(given, (value) => withVariables(value, {}));
  return {
    env,
    container_env: each(container?.env ?? {}, (value) => withVariables(value, env)),
    registry_auth: registry_auth && {
      username: withVariables(registry_auth.username, env),
      password: withVariables(registry_auth.password, env),
    },
    ssh: ssh ? newSshKeys() : null,
  };
}

/** The secrets of the project that it names, each once. */
export const secretsNeeded = ({ env, container_env, registry_auth }: Sealed): string[] => [
  ...new Set(
    [...Object.values(env), ...Object.values(container_env), ...Object.values(registry_auth ?? {})].flatMap(
      (text: SecretText) => secretsIn(text),
    ),
  ),
];

/** With the values of those secrets, all of which have to be there. */
export function unsealedWith(
  { env, container_env, registry_auth, ssh }: Sealed,
  values: ReadonlyMap<string, string>,
): Unsealed {
  const of = (text: SecretText) => revealed(text, values);
  return {
    env: each(env, of),
    container_env: each(container_env, of),
    registry_auth: registry_auth && {
      username: of(registry_auth.username),
      password: of(registry_auth.password),
    },
    ssh,
  };
}

/** Where a configuration names secrets of its project. */
export function placesOfSecrets({
  env,
  container,
  registry_auth,
}: TaskConfiguration): { readonly path: Path; readonly name: string }[] {
  const places = (values: object, ...at: string[]) =>
    Object.entries(values).flatMap(([field, value]: [string, unknown]) =>
      typeof value === 'string' ? secretsNamed(value).map((name) => ({ path: [...at, field], name })) : [],
    );
  return [
    ...places(env, 'env'),
    ...places(registry_auth ?? {}, 'registry_auth'),
    ...places(container?.env ?? {}, 'container', 'env'),
  ];
}

const each = <From, To>(
  values: Readonly<Record<string, From>>,
  to: (value: From) => To,
): Readonly<Record<string, To>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, to(value)]));

export const hasSecrets = ({ env, container, ssh }: StoredTask): boolean =>
  env.length > 0 ||
  ssh ||
  (container !== null && (container.env.length > 0 || container.registry_auth !== null));
