import type { TaskConfiguration } from './normalized.ts';
import { unexpandedEnv } from './unexpanded.ts';

/** A sentence for each thing in a task that is allowed and probably not what was meant. */
export const warningsOf = (task: TaskConfiguration): string[] => [
  ...unexpandedEnv(task),
  ...unforwarded(task),
];

function unforwarded({ ports, groups }: TaskConfiguration): string[] {
  const all = [...ports, ...(groups ?? []).flatMap((group) => group.ports)];
  const [first] = all;
  if (first === undefined) return [];
  const named = all.map(({ container_port }) => container_port).join(', ');
  return [
    `ports: nothing is forwarded to your machine yet; the job can listen at ${named}, where only its own nodes reach it`,
  ];
}
