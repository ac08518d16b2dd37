import type { Lifetime, Sighting } from '../../domain/container/sighting.ts';
import { verdictOn } from '../../domain/container/verdict.ts';
import type { Bundle, BundledContainer } from '../../domain/job/bundles.ts';
import type { Instant } from '../../domain/kernel/instant.ts';
import type { Machine } from '../fakes/world.ts';
import type { Engines } from '../functions/engines.ts';
import { randomFor } from './random.ts';
import type { Scene } from './scene.ts';

/** A container on a machine. */
export interface Container {
  readonly id: string;
  readonly image: string;
  /** Whose it is; null: somebody else's. */
  readonly of: { readonly submission: string; readonly lifetime: Lifetime } | null;
  readonly at: Instant;
  readonly state: 'running' | 'stopped';
}

/** Heard of containers by whoever watches. `by`: the submission whose runner does it. */
export interface ContainerNews {
  removed(machine: Machine, name: string, container: Container, by: string): void;
  /** What is to be kept has its name from now on. */
  named(machine: Machine, name: string, by: string): void;
}

/** Engines that a planted bug may spoil. */
export interface PlayedEngines extends Engines {
  readonly on: (machine: Machine) => ReadonlyMap<string, Container>;
  remove(machine: Machine, name: string, by: string): void;
  rename(machine: Machine, from: string, to: string, by: string): void;
}

const IMAGE = 'sha256:tools';

/** As a runner goes about it (infra/runner/supervisor/container): it is the record and the verdict that are on trial here. */
export function playedEngines(
  { chance, time, plan }: Pick<Scene, 'chance' | 'time' | 'plan'>,
  news: () => ContainerNews,
): PlayedEngines {
  const machines = new Map<Machine, Map<string, Container>>();
  let made = 0;
  const add = (of: Container['of'], state: Container['state'], image = IMAGE): Container => ({
    ...{ id: `container-${++made}`, image, of, state },
    at: time.now(),
  });
  const on = (machine: Machine): Map<string, Container> => {
    const found = machines.get(machine) ?? new Map<string, Container>();
    if (!machines.has(machine) && plan.containers) {
      // Some images have one of that name, that nobody here has started; it may have come up or not.
      const has = randomFor(plan.seed, 'container in the image') < 0.25;
      const up = randomFor(plan.seed, `container of ${machine.ec2}`) < 0.9;
      if (has) found.set('tools', add(null, up ? 'running' : 'stopped'));
    }
    machines.set(machine, found);
    return found;
  };
  const nameOf = (bundle: Bundle) => of(bundle).name ?? `sortie-${bundle.submission}`;
  const workingName = (bundle: Bundle) =>
    of(bundle).lifetime === 'persistent' ? `${nameOf(bundle)}-${bundle.submission}` : nameOf(bundle);
  const own = (container: Container | undefined, { submission }: Bundle) =>
    container?.of?.submission === submission;

  const engines: PlayedEngines = {
    on,
    remove(machine, name, by) {
      const container = on(machine).get(name);
      if (container === undefined) return;
      on(machine).delete(name);
      news().removed(machine, name, container, by);
    },
    rename(machine, from, to, by) {
      const container = on(machine).get(from);
      if (container === undefined) return;
      on(machine).delete(from);
      on(machine).set(to, container);
      news().named(machine, to, by);
    },

    look(machine, bundle): Sighting {
      if (chance.strikes('engine did not answer', bundle.submission))
        return { state: 'unknown', why: 'docker: no answer' };
      return sightingOf(on(machine).get(nameOf(bundle)));
    },
    make(machine, bundle, told, seen) {
      const [name, working] = [nameOf(bundle), workingName(bundle)];
      const { lifetime } = of(bundle);
      const alone = verdictOn({ lifetime, name, image: null }, [{ node: 'this instance', sighting: seen }]);
      if (told === null && alone.kind === 'refuse') return { problem: alone.message };
      const ready = (id: string, how: 'attached' | 'started') => ({
        ...{
          id,
          name,
          image_id: IMAGE,
          image: of(bundle).image,
          started_at: new Date(time.now()).toISOString(),
          how,
        },
        warnings: [],
      });
      if ((told ?? alone.kind) === 'attach') {
        const there = on(machine).get(name);
        return there?.state === 'running'
          ? ready(there.id, 'attached')
          : { problem: `container ${name} does not run on this instance` };
      }
      const left = on(machine).get(working)?.of;
      if (left?.lifetime === 'persistent') return { problem: `container ${working} is a persistent one` };
      if (left && left.submission !== bundle.submission && runsOn(machine, left.submission))
        return { problem: `container ${working} is that of ${left.submission}, which still runs` };
      engines.remove(machine, working, bundle.submission);
      if (chance.strikes('container not started', bundle.submission)) return { problem: 'no such image' };
      const container = add({ submission: bundle.submission, lifetime }, 'running');
      on(machine).set(working, container);
      return ready(container.id, 'started');
    },
    takes: () => chance.between('container set-up', 2, 60),
    setUp: (machine, bundle) =>
      own(on(machine).get(workingName(bundle)), bundle) &&
      chance.strikes('container set-up failed', bundle.submission)
        ? 'setup_script failed with exit code 1'
        : null,
    settle(machine, bundle) {
      const [name, working] = [nameOf(bundle), workingName(bundle)];
      const made = own(on(machine).get(working), bundle);
      if (made && working !== name) {
        if (on(machine).has(name)) return `container ${name}: another has taken that name`;
        engines.rename(machine, working, name, bundle.submission);
      }
      return on(machine).get(name)?.state === 'running' ? null : `container ${name} is not there any more`;
    },
    leave(machine, bundle) {
      const working = workingName(bundle);
      if (own(on(machine).get(working), bundle)) engines.remove(machine, working, bundle.submission);
    },
  };
  return engines;
}

function of({ container }: Bundle): BundledContainer {
  if (container === null) throw new Error('a job without a container has come to an engine');
  return container;
}

const runsOn = ({ submissions }: Machine, submission: string): boolean =>
  submissions.get(submission)?.state === 'running';

function sightingOf(container: Container | undefined): Sighting {
  if (container === undefined) return { state: 'absent' };
  const { id, state, at, image } = container;
  if (state === 'stopped') return { state, id, status: 'exited' };
  const started_at = new Date(at).toISOString();
  return { state, id, started_at, image_id: image, tagged_image_id: IMAGE, image: null, changed: [] };
}
