import type { TaskConfiguration } from '../configuration/normalized.ts';
import type { Requirements } from '../planning/requirements.ts';
import type { StoredTask } from './events.ts';
import { storedContainer } from './stored-container.ts';

/** What planning asks of a configuration; of its first node, where they differ. */
export function requirementsOf(
  task: TaskConfiguration,
  resources: TaskConfiguration['resources'] = task.groups?.[0]?.resources ?? task.resources,
): Requirements {
  const { spot_policy, max_price, regions, availability_zones, instance_types, max_duration } = task;
  return {
    resources,
    spot_policy,
    max_price,
    regions,
    availability_zones,
    instance_types,
    max_duration,
    instances: task.instances,
    cpu_credits: task.cpu_credits,
  };
}

/** What an event keeps of a configuration: all of it but its secrets. */
export function storedTask(task: TaskConfiguration): StoredTask {
  const { commands, shell, working_dir, user, nodes, priority, creation_policy, tags } = task;
  const {
    stop_duration,
    idle_duration,
    retry,
    docker,
    groups,
    startup_order,
    stop_criteria,
    ssh,
    log_limit,
  } = task;
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
    // Those that it names are there, or the run is not for this fleet.
    creation_policy: task.instances === null ? creation_policy : 'reuse',
    stop_duration,
    idle_duration,
    tags,
    retry,
    docker,
    container: storedContainer(task),
    groups:
      groups?.map(({ name, nodes, commands, resources }) => ({
        ...{ name, nodes, commands },
        requirements: requirementsOf(task, resources),
      })) ?? null,
    startup_order,
    stop_criteria,
    ssh,
    log_limit,
  };
}
