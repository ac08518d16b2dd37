import { type FleetOrder, whyPaused } from '../fleet/admission.ts';
import { barred } from '../fleet/terms.ts';
import { isOfGang } from '../job/state.ts';
import type { Decision } from './decision.ts';
import { type Pass, passOver } from './pass.ts';
import type { Planner } from './planner.ts';
import { serveGang } from './serve-gang.ts';
import { serveJob } from './serve-job.ts';
import type { Snapshot, Waiting } from './snapshot.ts';
import { turnAt } from './turn.ts';
import { hopeless, waits } from './verdict.ts';

/** One pass over a fleet: by priority, then age, each waiting job gets what is best for it, or the reason why not. */
export function schedule(snapshot: Snapshot, planner: Planner): Decision[] {
  const { queue, fleet } = snapshot;
  const waiting = queue.filter(({ state }) => state.phase.kind === 'waiting').sort(byPriorityThenAge);
  const closed = fleet?.phase.kind === 'active' ? fleet.closed : null;
  if (closed) return waiting.map((job) => heldBack(job, closed));
  const pass = passOver(snapshot, planner);
  for (const party of partiesOf(waiting)) serve(pass, party);
  return pass.decisions();
}

/** Who is served at once: a job, or all nodes of a run. */
type Party = readonly [Waiting, ...Waiting[]];

/** The nodes of a run have their turn with the first of them. */
function partiesOf(waiting: readonly Waiting[]): Party[] {
  const parties: Party[] = [];
  const gangs = new Map<string, Waiting[]>();
  for (const one of waiting) {
    const gang = gangs.get(one.state.run);
    if (gang) {
      gang.push(one);
      continue;
    }
    const party: [Waiting, ...Waiting[]] = [one];
    if (isOfGang(one.state)) gangs.set(one.state.run, party);
    parties.push(party);
  }
  return parties;
}

function serve(pass: Pass, party: Party): void {
  const [{ state }] = party;
  const bar = barred(pass.turn.fleet, state);
  if (bar !== null) return pass.settleAll(party, hopeless('never_fits', bar));
  if (pass.keeper !== null) return pass.settleAll(party, waits('gang', whyKept(pass.keeper)));
  pass.turn = turnAt(pass.turn, state.priority);
  if (isOfGang(state)) serveGang(pass, party);
  else serveJob(pass, party[0]);
}

const whyKept = (run: string): string =>
  `what becomes free is kept for run ${run}, which has waited long for all its nodes at once`;

/** An operator's word outweighs what there would be to place. */
const heldBack = ({ id, state }: Waiting, closed: FleetOrder): Decision => ({
  kind: 'wait',
  job: id,
  wait: { kind: 'paused', message: whyPaused(state.fleet, closed) },
  until: null,
});

const byPriorityThenAge = (a: Waiting, b: Waiting): number =>
  b.state.priority - a.state.priority || a.state.queued_at - b.state.queued_at || (a.id < b.id ? -1 : 1);
