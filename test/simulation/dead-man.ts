import { readFileSync } from 'node:fs';
import { type Instant, SECOND } from '../../domain/kernel/instant.ts';
import type { Machine } from '../fakes/world.ts';
import type { Scene } from './scene.ts';

const deployment = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');

/** As it is deployed: without a contact for so long an instance ends itself. */
export const DEAD_MAN = Number(/deadmanSeconds: '(\d+)'/.exec(deployment)?.[1]) * SECOND;

/** Winds up a machine's timer. `ending`: it is about to end, whatever runs there. */
export function deadMan(scene: Scene, machine: Machine, ending: (machine: Machine) => void): void {
  const { time, world } = scene;
  const life = scene.lifeOf(machine.ec2);
  const look = (): void => {
    if (machine.state === 'terminated') return;
    const ends: Instant = life.contact + DEAD_MAN;
    if (machine.state !== 'running' || time.now() < ends)
      return time.at(Math.max(ends, time.now() + DEAD_MAN / 10), look);
    ending(machine);
    life.harms.add('dead man');
    world.end(machine.ec2);
  };
  time.at(time.now() + DEAD_MAN, look);
}
