import type { FleetConfiguration, TaskConfiguration } from '../../domain/configuration/normalized.ts';
import { type AskedNames, unknownNames } from '../../domain/planning/unknown-names.ts';
import type { Api, Ctx } from './context.ts';
import { invalidConfiguration } from './problems.ts';
import { fieldPath } from './request.ts';

type Asking = Pick<TaskConfiguration, 'instance_types' | 'regions' | 'availability_zones'>;

/** Refuses a run of which nothing could ever be launched, for a name that the catalogue has not got. */
export function requireKnownNames(api: Api, c: Ctx, task: TaskConfiguration): void {
  const groups = task.groups ?? [];
  const gpus =
    groups.length > 0
      ? groups.map(({ resources }, index) => ({
          path: ['groups', index, 'resources', 'gpu'],
          names: resources.gpu.name,
        }))
      : [{ path: ['resources', 'gpu'], names: task.resources.gpu.name }];
  requireKnown(api, task, gpus, (path) => fieldPath(c, ...path));
}

/** The same of a fleet, which would let in nothing. */
export function requireKnownNamesOf(api: Api, c: Ctx, fleet: FleetConfiguration): void {
  const gpus = [{ path: ['resources', 'gpu'], names: fleet.resources.gpu?.name ?? null }];
  requireKnown(api, fleet, gpus, (path) => fieldPath(c, ...path));
}

export function requireKnown(
  { catalogue }: Pick<Api, 'catalogue'>,
  { instance_types, regions, availability_zones }: Asking,
  gpus: AskedNames['gpus'],
  located: (path: AskedNames['gpus'][number]['path']) => AskedNames['gpus'][number]['path'] = (path) => path,
): void {
  const problems = unknownNames(catalogue, { instance_types, regions, availability_zones, gpus });
  if (problems.length > 0)
    throw invalidConfiguration(problems.map((problem) => ({ ...problem, path: located(problem.path) })));
}
