import type { TaskConfiguration } from '../../domain/configuration/normalized.ts';
import type { FleetState } from '../../domain/fleet/state.ts';
import { Fleet } from '../../domain/fleet/stream.ts';
import { barred, launchedAs } from '../../domain/fleet/terms.ts';
import { FleetName } from '../../domain/kernel/ids.ts';
import { requirementsOf } from '../../domain/run/stored-task.ts';
import type { Api, Caller, Ctx } from './context.ts';
import { planIn } from './plan-in.ts';
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

/** Where a run goes: of the fleets it names the first that has an offer for it, else the first; it has to be able to take the run. */
export async function fleetFor(api: Api, c: Ctx, task: TaskConfiguration): Promise<Found> {
  const names = task.fleets ?? [DEFAULT_FLEET];
  const found = await Promise.all(
    names.map(async (written): Promise<Found> => {
      const name = FleetName.parse(written);
      return { name, state: (await api.store.load(Fleet, name)).state };
    }),
  );
  const usable = found.filter(({ name, state }) =>
    state?.phase.kind === 'active' ? state.project === c.var.caller.project : name === DEFAULT_FLEET,
  );
  const chosen = (usable.length > 1 ? await firstWithOffers(api, usable, task) : undefined) ?? usable[0];
  if (chosen === undefined)
    throw invalidConfiguration(
      names.map((name, index) => ({
        path: fieldPath(c, 'fleets', index),
        message: `there is no fleet ${name}`,
        hint: 'create it with: sortie apply -f FILE; list them with: sortie fleet',
      })),
    );
  takes(c, chosen, task);
  return chosen;
}

async function firstWithOffers(
  api: Api,
  fleets: readonly Found[],
  task: TaskConfiguration,
): Promise<Found | undefined> {
  for (const fleet of fleets) {
    const jobs = (task.groups ?? [task]).map(({ resources }) => ({
      ...task,
      fleet: fleet.name,
      requirements: requirementsOf(task, resources),
    }));
    if (jobs.some((job) => barred(fleet.state, job) !== null)) continue;
    const plans = await Promise.all(jobs.map((job) => planIn(api, fleet, job, 1)));
    if (plans.every((plan) => plan.total_offers > 0)) return fleet;
  }
  return undefined;
}

// EC2 takes 50 tags on a resource, of which Sortie sets some.
const MAX_TAGS = 40;

function takes(c: Ctx, { name, state }: Found, task: TaskConfiguration): void {
  const bar = barred(state, { ...task, fleet: name, requirements: requirementsOf(task) });
  if (bar !== null) {
    const field = task.max_duration === null ? 'max_duration' : 'stop_duration';
    const path = fieldPath(c, field);
    throw invalidConfiguration([{ path, message: bar, hint: `write ${field}: 1h, for instance` }]);
  }
  const { tags } = launchedAs(state?.configuration ?? null, task);
  if (Object.keys(tags).length > MAX_TAGS)
    throw invalidConfiguration([
      {
        path: fieldPath(c, 'tags'),
        message: `with those of fleet ${name} there are more than ${MAX_TAGS} tags`,
      },
    ]);
}
