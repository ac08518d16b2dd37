import { randomOf } from './random.ts';

/** What a run says of its container, by its number; null: it has none. */
export type ContainerFields = Readonly<Record<string, unknown>> | null;

/** Half of the seeds have containers; of several lifetimes under few names, so that they meet. From a sequence of its own. */
export function containerPlan(seed: number): ((run: number) => ContainerFields) | null {
  const random = randomOf(seed, 'containers');
  if (random() < 0.5) return null;
  const drawn = Array.from({ length: 16 }, () => fieldsOf(random(), random(), random()));
  return (run) => drawn[run] ?? null;
}

function fieldsOf(kind: number, which: number, setUp: number): ContainerFields {
  const script = setUp < 0.5 && { setup_script: 'apt-get update\n' };
  if (kind < 0.25) return null;
  if (kind < 0.35) return { container: { lifetime: 'no_launch', name: 'tools' } };
  const image = 'registry.test/tools:1';
  if (kind < 0.65) {
    const name = which < 0.4 ? {} : { name: which < 0.8 ? 'scratch' : 'tools' };
    return { image, container: { lifetime: 'per_run', ...name, ...script } };
  }
  return { image, container: { lifetime: 'persistent', name: which < 0.85 ? 'tools' : 'other', ...script } };
}
