import { MOST_INSTANCES } from '../../domain/configuration/most-instances.ts';
import type { TaskConfiguration } from '../../domain/configuration/normalized.ts';
import { ec2Of } from '../../domain/instance/state.ts';
import { Instance, poolOf } from '../../domain/instance/stream.ts';
import type { Api, Ctx } from './context.ts';
import type { Found } from './fleet.ts';
import { invalidConfiguration } from './problems.ts';
import { fieldPath } from './request.ts';

/** The instances that a task names, by their ids: one that its fleet does not have is refused now, not waited for. */
export async function withInstances<T extends TaskConfiguration>(
  api: Api,
  c: Ctx,
  fleet: Found,
  task: T,
): Promise<T> {
  if (task.instances === null) return task;
  const pool = await api.store.work(Instance, poolOf(fleet.name), MOST_INSTANCES);
  const ids = new Map(
    pool.flatMap(({ id, state }) =>
      [id, state && ec2Of(state), `sortie-${fleet.name}-${id.slice(-6)}`].flatMap(
        (name): [string, string][] => (name ? [[name, id]] : []),
      ),
    ),
  );
  const unknown = task.instances.flatMap((name, index) => (ids.has(name) ? [] : [{ name, index }]));
  if (unknown.length > 0)
    throw invalidConfiguration(
      unknown.map(({ name, index }) => ({
        path: fieldPath(c, 'instances', index),
        message: `fleet ${fleet.name} has no instance ${name}`,
        hint: 'list them with: sortie instance',
      })),
    );
  return { ...task, instances: task.instances.map((name) => ids.get(name) ?? name) };
}
