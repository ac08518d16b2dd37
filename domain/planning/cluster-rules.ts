import type { Terms } from './context.ts';
import type { Rule } from './rule.ts';

/** What a cluster placement group takes: types that EC2 can place so, in the one zone where it has instances already. */
export function clusterRules({ cluster }: Terms): Rule[] {
  if (cluster === null) return [];
  const { zone } = cluster;
  const placed: Rule = {
    reason: 'placement',
    of: 'launch',
    gap: ({ machine }) => (machine.placement === 'cluster' ? 0 : 15),
    asked: 'cluster',
    has: ({ machine }) => machine.placement,
  };
  if (zone === null) return [placed];
  const together: Rule = {
    reason: 'cluster_zone',
    of: 'launch',
    gap: (candidate) => (candidate.zone === zone ? 0 : 4),
    asked: zone,
    has: (candidate) => candidate.zone,
  };
  return [placed, together];
}
