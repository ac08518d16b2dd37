import { expect, it } from 'vitest';
import { planOf } from './plan.ts';
import { handedOn, movedStillListed, moveUnseen, nodeLeftBehind } from './sabotaged-moves.ts';
import {
  blackHole,
  bootRace,
  changedFleetUnseen,
  changeNotRolledOut,
  checkThenAct,
  claimNeverReleased,
  conflictForgotten,
  conflictThrown,
  containerLeft,
  goOfOne,
  holdHeardLate,
  illNodeKept,
  lifetimeForgotten,
  lostAck,
  namedBeforeGo,
  noLaunchToken,
  notFoundIsDead,
  removedOnAttach,
  retryNeverComes,
  unclassifiedIsFatal,
} from './sabotages.ts';
import { type Outcome, type Sabotage, simulate } from './simulate.ts';
import type { Invariant } from './watch.ts';

const SEEDS = 300;

/** The first seed that finds it. */
async function found(sabotage: Sabotage): Promise<{ seed: number; outcome: Outcome }> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = await simulate(planOf(seed), sabotage);
    if (outcome.violation !== undefined) return { seed, outcome };
  }
  throw new Error(`not found with seeds 1 to ${SEEDS}`);
}

it.each<{ bug: string; sabotage: Sabotage; breaks: Invariant[] }>([
  { bug: 'a lost ack', sabotage: lostAck, breaks: ['acknowledged, not recorded'] },
  {
    bug: 'a launch without its token',
    sabotage: noLaunchToken,
    breaks: ['launched twice', 'limit overshot'],
  },
  { bug: 'check-then-act on the limit', sabotage: checkThenAct, breaks: ['limit overshot'] },
  {
    bug: 'an unclassified refusal that ends the job',
    sabotage: unclassifiedIsFatal,
    breaks: ['ended by one refusal'],
  },
  { bug: 'a conflict on remind that is thrown', sabotage: conflictThrown, breaks: ['unexpected error'] },
  { bug: 'a conflict on remind that is forgotten', sabotage: conflictForgotten, breaks: ['reminder lost'] },
  { bug: 'a claim never released', sabotage: claimNeverReleased, breaks: ['claim without its job'] },
  { bug: 'a retry that never comes', sabotage: retryNeverComes, breaks: ['run not final'] },
  {
    bug: 'a 404 read as dead',
    sabotage: notFoundIsDead,
    breaks: ['machine without a place in its fleet', 'limit overshot', 'healthy job restarted'],
  },
  {
    bug: 'a changed fleet that nobody sees',
    sabotage: changedFleetUnseen,
    // Its limits, or its end: then its placement group stays.
    breaks: ['limit overshot', 'placement group left'],
  },
  {
    bug: 'a change that does not reach the instances that are there',
    sabotage: changeNotRolledOut,
    breaks: ['not let in by its fleet'],
  },
  {
    bug: 'an agent that answers taken for a machine that is ready',
    sabotage: bootRace,
    breaks: ["failed for its machine's sake"],
  },
  { bug: 'a machine that fails job after job', sabotage: blackHole, breaks: ['black hole'] },
  { bug: 'an ill node that is kept', sabotage: illNodeKept, breaks: ['ill node kept'] },
  {
    bug: 'a gang that goes when one node is prepared',
    sabotage: goOfOne,
    breaks: ['begun before all were prepared', 'container kept on some nodes'],
  },
  {
    bug: 'a container that is removed by who attached to it',
    sabotage: removedOnAttach,
    breaks: ['persistent container removed', 'container of another removed'],
  },
  { bug: 'a container that is left behind', sabotage: containerLeft, breaks: ['left on a machine'] },
  {
    bug: 'a container that is kept before all nodes have theirs',
    sabotage: namedBeforeGo,
    breaks: ['container kept on some nodes'],
  },
  {
    bug: 'a lifetime that its runner is not told of',
    sabotage: lifetimeForgotten,
    breaks: ['persistent container removed'],
  },
  { bug: 'a hold that is heard of late', sabotage: holdHeardLate, breaks: ['held instance took a job'] },
  {
    bug: 'a job that is served by the fleet that it left',
    sabotage: moveUnseen,
    // Or it is moved on by the fleet that it left, again and again.
    breaks: ['left in another fleet', 'handed to and fro'],
  },
  {
    bug: 'a job that waits in the fleet that it left',
    sabotage: movedStillListed,
    breaks: ['left in another fleet', 'state is not what its events say'],
  },
  { bug: 'a node that stays where its run was', sabotage: nodeLeftBehind, breaks: ['run in two fleets'] },
  { bug: 'a run that is handed to and fro', sabotage: handedOn, breaks: ['handed to and fro'] },
])('the simulation finds $bug', async ({ bug, sabotage, breaks }) => {
  const { seed, outcome } = await found(sabotage);
  process.stdout.write(`${bug}: seed ${seed}: ${outcome.violation?.invariant}\n`);
  expect(breaks).toContain(outcome.violation?.invariant);
});
