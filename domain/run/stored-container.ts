import * as z from 'zod';
import { PULL_TIMEOUT } from '../configuration/container.ts';
import type { TaskConfiguration } from '../configuration/normalized.ts';
import { Lifetime } from '../container/sighting.ts';

const words = z.array(z.string());

/** The container of a task as it is stored: of its variables the names alone, and of its credentials that there are some. */
export const StoredContainer = z
  .object({
    lifetime: Lifetime,
    name: z.string().nullable(),
    runtime: z.enum(['docker', 'podman', 'enroot']).nullable(),
    /** `null`: one that runs already, whatever it was made from. */
    image: z.string().nullable(),
    image_tar: z.string().nullable(),
    registry_auth: z.literal('sealed').nullable(),
    pull_timeout: z.number(),
    setup_script: z.string().nullable(),
    entrypoint: words.nullable(),
    privileged: z.boolean(),
    network: z.string(),
    ipc: z.string().nullable(),
    volumes: z.array(
      z.object({
        instance_path: z.string(),
        path: z.string(),
        mode: z.enum(['rw', 'ro']),
        optional: z.boolean(),
        /** What was stored before there was a choice had every folder made. */
        create: z.boolean().default(true),
      }),
    ),
    devices: words,
    cap_add: words,
    security_opt: words,
    group_add: words,
    ulimit: words,
    env: words,
  })
  .meta({ id: 'StoredContainer' });
export type StoredContainer = z.infer<typeof StoredContainer>;

/** Dstack's fields of a container and those of `container:`, as one; `null`: the commands run on the instance itself. */
export function storedContainer(task: TaskConfiguration): StoredContainer | null {
  const { image, container, registry_auth, entrypoint, privileged, volumes } = task;
  if (image === null && container === null) return null;
  const { lifetime = 'per_run', name = null, runtime = null, image_tar = null } = container ?? {};
  const { setup_script = null, env = {}, pull_timeout = PULL_TIMEOUT, args = null } = container ?? {};
  // Whoever read the configuration has read the file as well, or refused it.
  if (setup_script?.kind === 'file') throw new Error(`the setup script ${setup_script.path} was not read`);
  return {
    lifetime,
    name,
    runtime,
    image,
    image_tar,
    registry_auth: registry_auth === null ? null : 'sealed',
    pull_timeout,
    setup_script: setup_script?.content ?? null,
    entrypoint,
    privileged: privileged ?? args?.privileged ?? false,
    network: args?.network ?? 'host',
    ipc: args?.ipc ?? null,
    volumes: [...volumes, ...(args?.volumes ?? [])],
    devices: args?.devices ?? [],
    cap_add: args?.cap_add ?? [],
    security_opt: args?.security_opt ?? [],
    group_add: args?.group_add ?? [],
    ulimit: args?.ulimit ?? [],
    env: Object.keys(env),
  };
}
