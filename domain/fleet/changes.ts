import { formatDuration } from '../configuration/duration.ts';
import { rangeText } from '../planning/gap.ts';
import { gpuRequestText } from '../planning/gpu-request.ts';
import type { StoredFleet } from './stored-fleet.ts';

/** Its fields in the notation of a configuration, those that it does not name left out. */
export function fieldsOf(configuration: StoredFleet): [field: string, value: string][] {
  const { nodes, resources, limits, tags, idle_duration, health } = configuration;
  const fields: Record<string, string | number | null> = {
    nodes: rangeText(nodes),
    'nodes.target': nodes.target === nodes.min ? null : nodes.target,
    placement: configuration.placement === 'any' ? null : configuration.placement,
    blocks: configuration.blocks === 1 ? null : configuration.blocks,
    health: health && list(health.checks),
    'health.script': health?.script?.trim().replaceAll('\n', ' ⏎ ') ?? null,
    'health.timeout': health && formatDuration(health.timeout),
    'resources.cpu': resources.cpu && cpuText(resources.cpu),
    'resources.memory': resources.memory && rangeText(resources.memory, 'GB'),
    'resources.gpu': resources.gpu && gpuRequestText(resources.gpu),
    'resources.disk': resources.disk && rangeText(resources.disk.size, 'GB'),
    spot_policy: configuration.spot_policy,
    max_price: configuration.max_price,
    regions: list(configuration.regions),
    availability_zones: list(configuration.availability_zones),
    instance_types: list(configuration.instance_types),
    idle_duration: typeof idle_duration === 'number' ? formatDuration(idle_duration) : idle_duration,
    tags: list(Object.entries(tags).map(([name, value]) => `${name}=${value}`)),
    'limits.instances': limits.instances,
    'limits.vcpus': limits.vcpus,
    'limits.price_per_hour': limits.price_per_hour,
    'limits.budget': limits.budget,
  };
  return Object.entries(fields).flatMap(([field, value]) =>
    value === null ? [] : [[field, String(value)] as [string, string]],
  );
}

export interface FieldChange {
  readonly field: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** Field by field, what is different. */
export function changesBetween(before: StoredFleet | null, after: StoredFleet): FieldChange[] {
  const [old, now] = [new Map(before ? fieldsOf(before) : []), new Map(fieldsOf(after))];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((field) => ({ field, from: old.get(field) ?? null, to: now.get(field) ?? null }))
    .filter(({ from, to }) => from !== to);
}

const cpuText = ({ arch, count }: NonNullable<StoredFleet['resources']['cpu']>): string =>
  arch === null ? rangeText(count) : `${arch}:${rangeText(count)}`;

const list = (names: readonly string[] | null): string | null =>
  names === null || names.length === 0 ? null : names.join(', ');
