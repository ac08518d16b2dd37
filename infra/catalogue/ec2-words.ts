import type { Trait } from '../../domain/planning/catalogue.ts';

/** EC2's manufacturer in dstack's words: Gaudi is Intel's since it bought Habana, which EC2 still says. */
export function gpuVendor(manufacturer: string): string {
  const vendor = manufacturer.toLowerCase();
  return vendor === 'habana' ? 'intel' : vendor;
}

export function traitsOf(facts: {
  currentGeneration: boolean;
  bareMetal: boolean;
  burstable: boolean;
  unclustered: boolean;
}): Trait[] {
  const traits: Trait[] = [];
  if (!facts.currentGeneration) traits.push('previous-generation');
  if (facts.bareMetal) traits.push('bare-metal');
  if (facts.burstable) traits.push('burstable');
  if (facts.unclustered) traits.push('unclustered');
  return traits;
}
