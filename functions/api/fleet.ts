import type { TaskConfiguration } from '../../domain/configuration/normalized.ts';
import type { FleetState } from '../../domain/fleet/state.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { barred, launchedAs } from '../../domain/fleet/terms.ts';
import { FleetName } from '../../domain/kernel/ids.ts';
import { requirementsOf } from '../../domain/run/stored-task.ts';
import { bestOf } from './best-fleet.ts';
import type { Api, Caller, Ctx } from './context.ts';
import { invalidConfiguration, refuse } from './problems.ts';
import { fieldPath } from './request.ts';

/** Where runs go that name no fleet: created by its first launch, with the deployment's limit. */
export const DEFAULT_FLEET = FleetName.parse('default');

export interface Found {
  readonly name: FleetName;
  /** Only the default fleet may not be there yet. */
  readonly state: FleetState | undefined;
}

/** A fleet by its name, deleted ones included. */
export async function findFleet(api: Api, caller: Caller, name: string): Promise<Found> {
  const parsed = FleetName.safeParse(name);
  const state = parsed.success ? (await api.store.load(Fleet, parsed.data)).state : undefined;
  if (parsed.success && state?.project === caller.project) return { name: parsed.data, state };
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  throw refuse(
    404,
    'unknown-fleet',
    `there is no fleet ${JSON.stringify(shown)}; list them with: sortie fleet`,
  );
}

/** Where a run goes first, and all of the fleets it names that can take it; none where that is the only one. */
export interface Chosen extends Found {
  readonly fleets: readonly FleetName[];
}

/** Of the fleets that a run names the best that can take it, as it is there now. */
export async function fleetFor(api: Api, c: Ctx, task: TaskConfiguration): Promise<Chosen> {
  const names = task.fleets ?? [DEFAULT_FLEET];
  const found = await Promise.all(
    names.map(async (written): Promise<Found[]> => {
      const [fleet, project] = written.split('/').toReversed();
      if (project !== undefined && project !== c.var.caller.project) return [];
      const name = FleetName.parse(fleet);
      return [{ name, state: (await api.store.load(Fleet, name)).state }];
    }),
  ).then((each) => each.flat());
  const usable = found.filter(({ name, state }) =>
    state?.phase.kind === 'active' ? state.project === c.var.caller.project : name === DEFAULT_FLEET,
  );
  const [first] = usable;
  if (first === undefined)
    throw invalidConfiguration(
      names.map((name, index) => ({
        path: fieldPath(c, 'fleets', index),
        message: `there is no fleet ${name}`,
        hint: 'create it with: sortie apply -f FILE; list them with: sortie fleet',
      })),
    );
  const able = usable.filter((fleet) => refusalOf(c, fleet, task).length === 0);
  const chosen = able.length > 1 ? await bestOf(api, able, task) : able[0];
  if (chosen === undefined) throw invalidConfiguration(refusalOf(c, first, task));
  return { ...chosen, fleets: able.length > 1 ? able.map(({ name }) => name) : [] };
}

// EC2 takes 50 tags on a resource, of which Sortie sets some.
const MAX_TAGS = 40;

/** Why this fleet cannot take the run, if so. */
function refusalOf(c: Ctx, { name, state }: Found, task: TaskConfiguration) {
  const bar = barred(state, { ...task, fleet: name, requirements: requirementsOf(task) });
  if (bar !== null) {
    const field = task.max_duration === null ? 'max_duration' : 'stop_duration';
    return [{ path: fieldPath(c, field), message: bar, hint: `write ${field}: 1h, for instance` }];
  }
  const { tags } = launchedAs(state?.configuration ?? null, task);
  if (Object.keys(tags).length <= MAX_TAGS) return [];
  const message = `with those of fleet ${name} there are more than ${MAX_TAGS} tags`;
  return [{ path: fieldPath(c, 'tags'), message }];
}
