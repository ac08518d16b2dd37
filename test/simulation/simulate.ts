import { MINUTE } from '../../domain/kernel/instant.ts';
import { T0 } from '../domain/given.ts';
import { memoryBundles } from '../fakes/memory-bundles.ts';
import { memoryDeadLetters } from '../fakes/memory-dead-letters.ts';
import { memoryEventStore } from '../fakes/memory-event-store.ts';
import { memoryLogs } from '../fakes/memory-logs.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { createWorld } from '../fakes/world.ts';
import { askForAll } from './ask.ts';
import { areFinal, isAtRest, keepsNone, lookAtQuiet } from './at-quiet.ts';
import { chanceOf } from './chance.ts';
import { doIt, tidyUp } from './deeds.ts';
import { type Deployment, deploy } from './deployment.ts';
import { playedEngines } from './engines.ts';
import { isExpected } from './expected.ts';
import { faultyCloud } from './faulty-cloud.ts';
import { faultyCommands } from './faulty-commands.ts';
import { faultyStore, watchReminders } from './faulty-store.ts';
import { type Accepted, happen, submit } from './happen.ts';
import { machinery } from './machinery.ts';
import { farthest, longestStandstill, ORDERED_AGAIN, PATIENCE } from './patience.ts';
import type { Plan } from './plan.ts';
import type { Ports } from './process.ts';
import type { Harm, Life, Scene } from './scene.ts';
import { tellHistory } from './tell.ts';
import { timeline } from './timeline.ts';
import { type Violation, watchOver } from './watch.ts';

export interface Outcome {
  readonly violation: Violation | undefined;
  readonly struck: readonly string[];
  /** Things that happened, one after the other. */
  readonly steps: number;
  readonly commits: number;
  readonly scene: Scene;
  /** The last commits before the end, told. */
  readonly history: readonly string[];
}

/** Spoils the ports on purpose, to see whether it is noticed. */
export type Sabotage = (ports: Ports, scene: Scene) => Ports;

/** Plays a plan to its end, or to the first violation. */
export async function simulate(plan: Plan, sabotage: Sabotage = (ports) => ports): Promise<Outcome> {
  const errors: unknown[] = [];
  const failed = (error: unknown) => {
    if (!isExpected(error)) errors.push(error);
  };
  const time = timeline(T0, plan.seed, failed);
  const chance = chanceOf(plan.seed, plan.rates, plan.only);
  const bundles = memoryBundles();
  const store = memoryEventStore(
    (stream) => sortie.ring(stream),
    (key) => (chance.strikes('index behind', key) ? 'behind' : 'shown'),
  );
  const lives = new Map<string, Life>();
  const lifeOf = (ec2: string): Life => {
    const life = lives.get(ec2) ?? { since: time.now(), harms: new Set(), contact: time.now() };
    lives.set(ec2, life);
    return life;
  };
  const world = createWorld(time.now, {
    launched: (machine) => played.launched(machine),
    placed: (machine, submission) => played.placed(machine, submission),
    stopping: (machine, submission) => played.stopping(machine, submission),
    ended: (machine) => played.ended(machine),
  });
  const deadLetters = memoryDeadLetters(time.now);
  const doomed = new Map<string, Harm>();
  const scene: Scene = {
    ...{ plan, time, chance, store, bundles, deadLetters, lifeOf, world, doomed },
    ...{ down: new Set(), killed: new Set(), ill: new Set(), lacking: new Set(), unclassified: new Set() },
    engines: playedEngines({ chance, time, plan }, () => watch.containers),
    harmsOf({ ec2, intent }) {
      const doom = doomed.get(intent.instance);
      return doom === undefined ? lifeOf(ec2).harms : new Set([...lifeOf(ec2).harms, doom]);
    },
  };
  const watch = watchOver(scene, () => played.starts);
  const played = machinery(scene, () => sortie, watch);
  const cloud = faultyCloud(scene, watch.ending);
  const commands = faultyCommands(scene, (ec2, command) => {
    const detail = { 'instance-id': ec2, 'command-id': command, status: 'Failed' };
    sortie.tell({ 'detail-type': 'EC2 Command Invocation Status-change Notification', detail });
  });
  const sortie: Deployment = deploy(
    scene,
    watchReminders(
      sabotage(
        {
          ...{ store: faultyStore(scene), cloud, commands, bundles, secrets: memorySecrets(time.now) },
          ...{ logs: memoryLogs(), deadLetters },
        },
        scene,
      ),
      scene,
      watch.violated,
    ),
    failed,
  );
  const accepted = schedule(scene, sortie, watch.stopTaken);

  let steps = 0;
  async function pass(end: number, done: () => boolean): Promise<void> {
    while ((time.nextAt() ?? end) < end && watch.violation === undefined && !done()) {
      await time.step();
      steps += 1;
      for (const error of errors.splice(0))
        watch.violated('unexpected error', String((error as Error)?.stack));
      await watch.step();
    }
  }
  await pass(T0 + plan.troubled, () => false);
  chance.end();
  scene.down.clear();
  for (const { ec2, agent } of world.machines.values())
    if (agent === 'lost' && !lifeOf(ec2).harms.has('agent gone')) world.findAgent(ec2);
  time.at(time.now(), () => tidyUp(scene, sortie));
  const runs = () => [...accepted.values()].filter((run) => run !== null);
  const planned = plan.runs.filter(({ element }) => isPlanned(plan, element)).length;
  const allFinal = () => accepted.size === planned && areFinal(scene, runs());
  let before = -1;
  while (!allFinal() && watch.violation === undefined && farthest(scene) > before) {
    before = farthest(scene);
    await pass(time.now() + longestStandstill(plan), allFinal);
  }
  await pass(time.now() + PATIENCE + ORDERED_AGAIN, () => isAtRest(scene, watch));
  if (watch.violation === undefined) lookAtQuiet(scene, runs(), watch);
  const keeping = [...watch.fleets.ledgers].flatMap(([fleet, { keeps }]) => (keeps > 0 ? [fleet] : []));
  for (const fleet of keeping) time.at(time.now(), () => doIt(scene, sortie, { kind: 'delete', fleet }));
  if (keeping.length > 0) {
    await pass(time.now() + PATIENCE, () => isAtRest(scene, watch) && keepsNone(watch));
    if (watch.violation === undefined) lookAtQuiet(scene, runs(), watch);
  }
  let shown = false;
  time.at(time.now(), async () => {
    await askForAll(sortie, runs(), watch);
    shown = true;
  });
  await pass(time.now() + 10 * MINUTE, () => shown);
  return {
    violation: watch.violation,
    struck: chance.struck,
    steps,
    commits: store.commits.length,
    scene,
    history: tellHistory(store.commits),
  };
}

const isPlanned = ({ only }: Plan, element: string): boolean => only === 'all' || only.has(element);

/** Everything that the plan has happen, each at its time. */
function schedule(scene: Scene, sortie: Deployment, stopped: (run: string) => void): Accepted {
  const { plan, time } = scene;
  const accepted: Accepted = new Map();
  plan.runs.forEach((run, index) => {
    if (isPlanned(plan, run.element))
      time.at(T0 + run.at, async () => {
        accepted.set(index, await submit(scene, sortie, run));
      });
  });
  for (const what of plan.happenings)
    if (isPlanned(plan, what.element))
      time.at(T0 + what.at, () => happen(scene, sortie, accepted, what, stopped));
  return accepted;
}
