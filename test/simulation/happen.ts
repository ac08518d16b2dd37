import { submit as recordSubmit } from '../../domain/coordination/submit.ts';
import { runId } from '../../domain/kernel/ids.ts';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { FLEET, task } from '../domain/given.ts';
import type { Machine } from '../fakes/world.ts';
import { ask, json } from './ask.ts';
import { doIt } from './deeds.ts';
import type { Deployment } from './deployment.ts';
import type { Happening, PlannedRun } from './plan.ts';
import type { Scene } from './scene.ts';

/** Runs that were answered, by their number in the plan; `null`: refused for want of the fleet that it names. */
export type Accepted = Map<number, string | null>;

/** A user submits, with the same idempotency key until there is an answer. */
export async function submit(scene: Scene, sortie: Deployment, run: PlannedRun): Promise<string | null> {
  const { time, plan } = scene;
  const nodes = run.nodes > 1 && { nodes: run.nodes };
  // To which of its fleets it goes first, the API decides.
  if (nodes && run.fields['fleets'] === undefined) return submitGang(scene, run);
  for (;;) {
    const configuration = { type: 'task', ...run.fields, ...nodes };
    const key = { 'idempotency-key': `${plan.seed} ${run.element}` };
    const answer = await sortie.request('/v1/runs', json({ configuration }, key));
    if (answer !== 'died' && answer.status !== 500) {
      const body = (await answer.json()) as { id?: string };
      if (body.id !== undefined) return body.id;
      if (run.fields['fleets'] !== undefined && answer.status === 422) return null;
      throw new Error(`${run.element} is refused: ${JSON.stringify(body)}`);
    }
    await time.after(2 * SECOND);
  }
}

/** Without a secret, and past the API. */
async function submitGang({ store, time }: Scene, { element, fields, nodes }: PlannedRun): Promise<string> {
  const id = runId(time.ulid());
  const by = { by: 'user:alice', causation: null, correlation: id };
  const configuration = { ...task({ ...fields, env: {} }), nodes };
  const run = { id, name: element.replace(' ', '-'), project: 'main', user: 'alice', fleet: FLEET };
  await recordSubmit({ store, runtime: time }, by, {
    ...run,
    ...{ configuration, fingerprint: element, seal: 'none', code: null, idempotencyKey: id },
  });
  return id;
}

/** Makes it happen; `stopped` hears which stop was taken. */
export async function happen(
  scene: Scene,
  sortie: Deployment,
  accepted: Accepted,
  what: Happening,
  stopped: (run: string) => void,
): Promise<void> {
  const { time, world } = scene;
  switch (what.kind) {
    case 'stop': {
      const run = accepted.get(what.run);
      if (run === undefined || run === null) return;
      const status = await ask(scene, sortie, `/v1/runs/${run}/stop`, { mode: what.mode });
      if (status === 202) stopped(run);
      return;
    }
    case 'apply':
    case 'delete':
    case 'close':
    case 'withhold':
    case 'kill':
    case 'redrive':
      return doIt(scene, sortie, what);
    case 'spot interruption': {
      const machine = pick(scene, what.pick, ({ intent }) => intent.offer.spot === 'spot');
      if (machine === undefined) return;
      scene.lifeOf(machine.ec2).harms.add('spot');
      const detail = { 'instance-id': machine.ec2 };
      sortie.tell({ 'detail-type': 'EC2 Spot Instance Interruption Warning', detail });
      await time.after(2 * MINUTE);
      return world.end(machine.ec2);
    }
    case 'ended outside': {
      const machine = pick(scene, what.pick, () => true);
      if (machine === undefined) return;
      scene.lifeOf(machine.ec2).harms.add('outside');
      return world.end(machine.ec2);
    }
    case 'stopped outside': {
      const machine = pick(scene, what.pick, ({ state }) => state === 'running');
      if (machine === undefined) return;
      scene.lifeOf(machine.ec2).harms.add('outside');
      machine.state = 'stopped';
      for (const placed of machine.submissions.values())
        if (placed.state === 'running') placed.state = 'lost';
      return;
    }
    case 'agent gone': {
      const machine = pick(scene, what.pick, ({ agent }) => agent === 'online');
      if (machine === undefined) return;
      scene.lifeOf(machine.ec2).harms.add('agent gone');
      return world.loseAgent(machine.ec2);
    }
    case 'agent lost': {
      const machine = pick(scene, what.pick, ({ agent }) => agent === 'online');
      if (machine === undefined) return;
      world.loseAgent(machine.ec2);
      await time.after(what.lasts);
      if (machine.state === 'running' && !scene.lifeOf(machine.ec2).harms.has('agent gone'))
        world.findAgent(machine.ec2);
      return;
    }
    case 'blocks': {
      const { blocks, health } = what;
      const fleet = { type: 'fleet', name: 'default', nodes: `0..${scene.plan.limit}`, blocks, health };
      await ask(scene, sortie, '/v1/fleets', { configuration: fleet });
      return;
    }
    case 'outage':
      scene.down.add(what.of);
      await time.after(what.lasts);
      scene.down.delete(what.of);
  }
}

function pick({ world }: Scene, part: number, which: (machine: Machine) => boolean): Machine | undefined {
  const alive = [...world.machines.values()].filter(
    ({ state }) => state === 'pending' || state === 'running',
  );
  const candidates = alive.filter(which);
  return candidates[Math.floor(part * candidates.length)];
}
