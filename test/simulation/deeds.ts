import type { FleetState } from '../../domain/fleet/state.ts';
import type { InstanceState } from '../../domain/instance/state.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { ask } from './ask.ts';
import type { Deployment } from './deployment.ts';
import type { Deed } from './fleet-plan.ts';
import type { Scene } from './scene.ts';

/** What users do to fleets and operators to instances; a refusal is an answer like any other. */
export async function doIt(scene: Scene, sortie: Deployment, deed: Deed): Promise<void> {
  const { time } = scene;
  const told = (path: string, body: object) => ask(scene, sortie, path, body);
  switch (deed.kind) {
    case 'apply':
      await told('/v1/fleets', { configuration: { type: 'fleet', name: deed.fleet, ...deed.fields } });
      return;
    case 'delete':
      await ask(scene, sortie, `/v1/fleets/${deed.fleet}`, {}, 'DELETE');
      return;
    case 'close':
      await told(`/v1/fleets/${deed.fleet}/${deed.by}`, {});
      await time.after(deed.lasts);
      await told(`/v1/fleets/${deed.fleet}/resume`, {});
      return;
    case 'withhold': {
      const instance = pick(scene, deed.pick);
      if (instance === undefined) return;
      await told(`/v1/instances/${instance}/${deed.by}`, {});
      if (deed.lasts === null) return;
      await time.after(deed.lasts);
      await told(`/v1/instances/${instance}/run`, {});
      return;
    }
    case 'kill': {
      const instance = pick(scene, deed.pick);
      if (instance === undefined) return;
      scene.killed.add(instance);
      await told(`/v1/instances/${instance}/kill`, {});
      return;
    }
    case 'redrive':
      await redrive(scene, sortie);
  }
}

/** Twice at once: neither takes from the other what it is about. */
async function redrive(scene: Scene, sortie: Deployment): Promise<void> {
  const all = () => ask(scene, sortie, '/v1/dead-letters/redrive', { letters: 'all' });
  await Promise.all([all(), all()]);
}

/** Whoever waits for a budget would wait for ever, and so would dead letters. Looked at again and again: a budget may be given after this. */
export async function tidyUp(scene: Scene, sortie: Deployment): Promise<void> {
  for (const [key, { state }] of scene.store.heads) {
    if (!key.startsWith('Fleet-')) continue;
    const { phase, configuration } = state as FleetState;
    const budget = configuration?.limits.budget ?? null;
    if (phase.kind === 'deleted' || budget === null || budget >= ENOUGH) continue;
    const fields = { nodes: '0..3', limits: { budget: ENOUGH } };
    await doIt(scene, sortie, { kind: 'apply', fleet: key.slice('Fleet-'.length), fields });
  }
  if (scene.deadLetters.ids().length > 0) await redrive(scene, sortie);
  scene.time.at(scene.time.now() + 2 * MINUTE, () => tidyUp(scene, sortie));
}

const ENOUGH = 1_000;

function pick({ store }: Scene, part: number): string | undefined {
  const live = [...store.heads].flatMap(([key, { state }]) =>
    key.startsWith('Instance-') && (state as InstanceState).phase.kind !== 'terminated'
      ? [key.slice('Instance-'.length)]
      : [],
  );
  return live[Math.floor(part * live.length)];
}
