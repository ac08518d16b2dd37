import { dollars } from '../kernel/dollars.ts';
import { rangeText } from './gap.ts';
import { gpuRequestText } from './gpu-request.ts';
import type { Requirements } from './requirements.ts';

/** What a job asks for, on one line and as a configuration would write it: `cpu 2.., memory 8GB.., spot`. */
export function asked(requirements: Requirements): string {
  const { resources, spot_policy, max_price, instance_types, regions, availability_zones, instances } =
    requirements;
  const { cpu, memory, gpu, disk } = resources;
  return [
    `cpu ${cpu.arch === null ? '' : `${cpu.arch}:`}${rangeText(cpu.count)}`,
    ...(memory === null ? [] : [`memory ${rangeText(memory, 'GB')}`]),
    ...(gpu.count.min || gpu.name || gpu.memory ? [`gpu ${gpuRequestText(gpu)}`] : []),
    ...(disk.size.min === null && disk.size.max === null ? [] : [`disk ${rangeText(disk.size, 'GB')}`]),
    spot_policy === 'auto' ? 'spot or on-demand' : spot_policy,
    ...(max_price === null ? [] : [`at most ${dollars(max_price)}/h`]),
    ...[instance_types, regions, availability_zones, instances].flatMap((names) =>
      names === null ? [] : [names.join(' or ')],
    ),
  ].join(', ');
}
