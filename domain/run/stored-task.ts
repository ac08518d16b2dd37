import type { ResolvedTask, TaskConfiguration } from '../configuration/normalized.ts';
import type { Requirements } from '../planning/requirements.ts';
import type { StoredTask } from './events.ts';

/** What planning asks of a configuration. */
export function requirementsOf(task: Omit<TaskConfiguration, 'env'>): Requirements {
  const { resources, spot_policy, max_price, regions, availability_zones, instance_types, max_duration } =
    task;
  return { resources, spot_policy, max_price, regions, availability_zones, instance_types, max_duration };
}

/** What an event keeps of a configuration: all of it but the values of `env`. */
export function storedTask(task: ResolvedTask): StoredTask {
  const { commands, shell, working_dir, user, nodes, priority, creation_policy, tags } = task;
  const { stop_duration, idle_duration, retry } = task;
  return {
    type: 'task',
    commands,
    env: Object.keys(task.env),
    shell,
    working_dir,
    user,
    nodes,
    requirements: requirementsOf(task),
    priority,
    creation_policy,
    stop_duration,
    idle_duration,
    tags,
    retry,
    startup_order: 'any',
    stop_criteria: 'all-done',
    container: null,
  };
}
