import type { Blocks } from '../configuration/normalized.ts';
import type { Candidate, Machine } from './candidate.ts';
import { gpuText } from './gpu-request.ts';
import type { Reason } from './rejection.ts';
import type { Rule } from './rule.ts';
import { cutInto, shareOf } from './share.ts';

/** What is cut into blocks: the rest of a machine is everybody's. */
const isCut: ReadonlySet<Reason> = new Set(['gpu', 'cpu', 'memory']);

/** A request's rules where instances are cut: what it asks for, as few blocks as do have to have. */
export function shareRules(rules: readonly Rule[], blocks: Blocks): Rule[] {
  const taken = blocksTaken(rules, blocks);
  // Asked of thousands of offers: most fleets cut nothing.
  const share = (candidate: Candidate) =>
    blocks === 1 && candidate.idle === null ? candidate : taken(candidate).share;
  const own = rules.map((rule) =>
    isCut.has(rule.reason)
      ? {
          ...rule,
          gap: (candidate: Candidate) => rule.gap(share(candidate)),
          has: (candidate: Candidate) => rule.has(share(candidate)),
        }
      : rule,
  );
  return blocks === 1 || blocks === 'auto' ? own : [blocksRule(blocks), ...own];
}

const blocksRule = (blocks: number): Rule => ({
  reason: 'blocks',
  of: 'launch',
  gap: ({ machine }) => (cutInto(machine, blocks) === null ? 15 : 0),
  asked: `${blocks} equal blocks (fleet)`,
  has: ({ machine }) => `${machine.vcpus} vCPUs, GPUs: ${gpuText(machine.gpu)}`,
});

interface Taken {
  readonly blocks: number;
  readonly total: number;
  readonly share: Candidate;
}

/** The fewest blocks of a candidate that do; where none do, those that come nearest. */
export function blocksTaken(rules: readonly Rule[], blocks: Blocks): (candidate: Candidate) => Taken {
  const cut = rules.filter(({ reason }) => isCut.has(reason));
  // A machine stands for a dozen offers; that of an idle instance is its own.
  const known = new Map<Machine, { readonly blocks: number; readonly machine: Machine }>();
  return (candidate) => {
    const { machine, idle } = candidate;
    const total = idle ? idle.blocks.total : (cutInto(machine, blocks) ?? 1);
    if (total === 1) return { blocks: 1, total, share: candidate };
    const best = known.get(machine) ?? fewest(candidate, cut, total, idle?.blocks.free ?? total);
    known.set(machine, best);
    return { blocks: best.blocks, total, share: { ...candidate, machine: best.machine } };
  };
}

function fewest(candidate: Candidate, cut: readonly Rule[], total: number, free: number) {
  let nearest = { blocks: free, machine: candidate.machine, gap: Number.POSITIVE_INFINITY };
  for (let blocks = 1; blocks <= free; blocks++) {
    const machine = shareOf(candidate.machine, blocks, total);
    const gap = cut.reduce((sum, rule) => sum + rule.gap({ ...candidate, machine }), 0);
    if (gap < nearest.gap) nearest = { blocks, machine, gap };
    if (gap === 0) break;
  }
  return nearest;
}
