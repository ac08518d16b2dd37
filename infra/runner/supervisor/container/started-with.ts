import { createHash } from 'node:crypto';
import type { BundledContainer } from '../../contract.ts';

const IMAGE = 'sortie.image';
const FIELD = 'sortie.start.';

/** The values of a run configuration that count when a container is started, by the fields that its user writes them in. */
const fieldsOf = (container: BundledContainer): Record<string, unknown> => ({
  volumes: container.volumes
    .map(({ instance_path, path, mode }) => `${instance_path}:${path}:${mode}`)
    .toSorted(),
  privileged: container.privileged,
  'container.env': Object.entries(container.env).toSorted(),
  'container.args': [
    [container.network, container.ipc],
    ...[
      container.devices,
      container.cap_add,
      container.security_opt,
      container.group_add,
      container.ulimit,
    ].map((words) => words.toSorted()),
  ],
  'container.setup_script': container.setup_script,
  'resources.shm_size': container.shm_bytes,
});

/** By these labels a later run knows how a container was started: the image's name, and a hash for each field. */
export const startLabels = (container: BundledContainer, image: string): Record<string, string> => ({
  [IMAGE]: container.image ?? image,
  ...Object.fromEntries(
    Object.entries(fieldsOf(container)).map(([field, value]) => [`${FIELD}${field}`, hashOf(value)]),
  ),
});

export type Labels = Readonly<Record<string, string | undefined>>;

export const imageIn = (labels: Labels): string | null => labels[IMAGE] ?? null;

/** The fields with another value than the container was started with. A run without a set-up script asks for none. */
export function changedFields(labels: Labels, wanted: BundledContainer): string[] {
  return Object.entries(fieldsOf(wanted)).flatMap(([field, value]) => {
    const before = labels[`${FIELD}${field}`];
    const asked = field !== 'container.setup_script' || value !== null;
    return asked && before !== undefined && before !== hashOf(value) ? [field] : [];
  });
}

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
