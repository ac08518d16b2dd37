import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { Bundle } from '../contract.ts';
import { chooseContainer, knownContainer } from './container/choose-container.ts';
import type { JobDirectory } from './job-directory.ts';
import { ownAddress } from './nodes.ts';
import { onInstance } from './on-instance.ts';
import type { Place } from './place.ts';
import type { Reporter } from './reporter.ts';
import type { StopOrders } from './stop-orders.ts';

/** Where a job runs whose commands have begun. */
export function placeOf(bundle: Bundle, job: JobDirectory): Place {
  return bundle.container == null ? onInstance(bundle, job) : knownContainer(bundle, bundle.container, job);
}

/** A place made ready, and the addresses of all nodes. */
export type Prepared = { place: Place; nodes: string[] };

/**
 * Whether more than a moment may pass before the commands begin, which start-job does not wait for. All are missing in a
 * bundle that the deployment before this one wrote.
 */
export const takesLong = ({ container, gang, health, code }: Bundle) =>
  container != null || gang != null || health != null || code != null;

/**
 * All that comes before the commands. A node of a gang touches nothing before it is told to, and begins when all are
 * prepared. An order to stop ends it at once; what was made by then is removed.
 */
export async function prepare(
  bundle: Bundle,
  job: JobDirectory,
  orders: StopOrders,
  reporter: Reporter,
): Promise<Result<Prepared, string>> {
  const address = ownAddress();
  const { signal } = orders;
  const choice = bundle.container == null ? null : await chooseContainer(bundle, bundle.container, job);
  const arrived = { address, sighting: choice?.sighting ?? null };
  const order = bundle.gang == null ? null : await reporter.ask({ arrived }, signal);
  if (signal.aborted) return fail('stopped');
  const nodes = order?.nodes ?? [address];
  if (choice === null) return whenAllAre({ place: onInstance(bundle, job), nodes });

  const told = order?.order === 'prepare' ? order.container : null;
  const ready = await choice.prepare(told, nodes, signal, reporter.stage);
  if (!ready.ok) return ready;
  reporter.container(ready.value.container);
  return whenAllAre({ place: ready.value.place, nodes });

  async function whenAllAre(prepared: Prepared): Promise<Result<Prepared, string>> {
    if (bundle.ssh != null) reporter.stage('setup', 'ssh between the nodes');
    const opened = await prepared.place.open(prepared.nodes, signal);
    if (!opened.ok) return leave(prepared.place, signal.aborted ? 'stopped' : opened.error);
    const question = { prepared: { at: new Date().toISOString() } };
    const go = bundle.gang == null ? { nodes: prepared.nodes } : await reporter.ask(question, signal);
    const settled = go === null ? fail('stopped') : await prepared.place.settle();
    if (go !== null && settled.ok) return ok({ ...prepared, nodes: go.nodes });
    return leave(prepared.place, settled.ok ? 'stopped' : settled.error);
  }
}

async function leave(place: Place, why: string): Promise<Result<never, string>> {
  const left = await place.leave();
  return fail(left.ok ? why : `${why}; ${left.error}`);
}
