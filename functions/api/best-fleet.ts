import type { TaskConfiguration } from '../../domain/configuration/normalized.ts';
import { paidUntil } from '../../domain/fleet/budget.ts';
import { toLaunch } from '../../domain/fleet/decide.ts';
import { type Amounts, NOTHING, roomIn, shortOf, taking } from '../../domain/fleet/room.ts';
import { requirementsOf } from '../../domain/run/stored-task.ts';
import type { Api } from './context.ts';
import type { Found } from './fleet.ts';
import { planIn } from './plan-in.ts';

/** What a run would get, the best first. */
const ranks = ['idle', 'launch', 'wait', 'nothing'] as const;

interface Outlook {
  readonly has: (typeof ranks)[number];
  /** $/h of all nodes. */
  readonly price: number;
}

/**
 * The fleet where instances stand idle for all nodes, else the one with room for the cheapest launches, else one where the run
 * waits; of equals the first that it names. Whether they are still there is for the pass to say, which may send the run on.
 */
export async function bestOf(
  api: Api,
  fleets: readonly Found[],
  task: TaskConfiguration,
): Promise<Found | undefined> {
  const known = await Promise.all(
    fleets.map(async (fleet) => ({ fleet, outlook: await outlookIn(api, fleet, task) })),
  );
  const [best] = known.sort(
    ({ outlook: a }, { outlook: b }) => ranks.indexOf(a.has) - ranks.indexOf(b.has) || a.price - b.price,
  );
  return best?.fleet;
}

async function outlookIn(api: Api, fleet: Found, task: TaskConfiguration): Promise<Outlook> {
  const { name, state } = fleet;
  const now = api.runtime.now();
  let [takes, price, missing]: [Amounts, number, number] = [NOTHING, 0, 0];
  for (const { resources, nodes } of task.groups ?? [task]) {
    const job = { ...task, fleet: name, requirements: requirementsOf(task, resources) };
    const { offers } = await planIn(api, fleet, job, nodes);
    const idle = offers.filter(({ availability }) => availability === 'idle');
    const launched = offers.find(({ availability }) => availability !== 'idle');
    const launches = nodes - idle.length;
    if (launches > 0 && launched === undefined) return { has: 'nothing', price };
    price += idle.reduce((sum, offer) => sum + offer.price, 0) + launches * (launched?.price ?? 0);
    missing += launches;
    if (launched === undefined) continue;
    const one = toLaunch(state, launched, {
      from: now,
      until: paidUntil(job, { launching: launched.instance_type }, now),
    });
    for (let n = 0; n < launches; n++) takes = taking({ limits: NOTHING, used: takes }, one).used;
  }
  if (state?.closed || (missing > 0 && isForReuse(task))) return { has: 'wait', price };
  if (missing === 0) return { has: 'idle', price };
  return { has: shortOf(roomIn(state, api.fleetInstances), takes) === null ? 'launch' : 'wait', price };
}

const isForReuse = ({ creation_policy, instances }: TaskConfiguration): boolean =>
  creation_policy === 'reuse' || instances !== null;
