import type { FleetConfiguration, TaskConfiguration } from '../../domain/configuration/normalized.ts';
import { type AskedNames, unknownNames } from '../../domain/planning/unknown-names.ts';
import type { Api, Ctx } from './context.ts';
import { invalidConfiguration } from './problems.ts';
import { fieldPath } from './request.ts';

type Asking = Pick<TaskConfiguration, 'instance_types' | 'regions' | 'availability_zones'>;

/** Refuses a run of which nothing could ever be launched, for a name that the catalogue has not got. */
export async function requireKnownNames(api: Api, c: Ctx, task: TaskConfiguration): Promise<void> {
  const groups = task.groups ?? [];
  const gpus =
    groups.length > 0
      ? groups.map(({ resources }, index) => ({
          path: ['groups', index, 'resources', 'gpu'],
          names: resources.gpu.name,
        }))
      : [{ path: ['resources', 'gpu'], names: task.resources.gpu.name }];
  await requireKnown(api, task, gpus, (path) => fieldPath(c, ...path));
}

/** The same of a fleet, which would let in nothing. */
export async function requireKnownNamesOf(api: Api, c: Ctx, fleet: FleetConfiguration): Promise<void> {
  const gpus = [{ path: ['resources', 'gpu'], names: fleet.resources.gpu?.name ?? null }];
  await requireKnown(api, fleet, gpus, (path) => fieldPath(c, ...path));
}

export async function requireKnown(
  { catalogue }: Pick<Api, 'catalogue'>,
  { instance_types, regions, availability_zones }: Asking,
  gpus: AskedNames['gpus'],
  located: (path: AskedNames['gpus'][number]['path']) => AskedNames['gpus'][number]['path'] = (path) => path,
): Promise<void> {
  const problems = unknownNames(await catalogue.current(), {
    instance_types,
    regions,
    availability_zones,
    gpus,
  });
  if (problems.length > 0)
    throw invalidConfiguration(problems.map((problem) => ({ ...problem, path: located(problem.path) })));
}
