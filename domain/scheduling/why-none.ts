import { dollars } from '../kernel/dollars.ts';
import type { Plan } from '../planning/plan.ts';
import { inWords } from '../planning/words.ts';

/** `no offer fits: …` with the reasons that shut out the most, and the nearest offers. */
export function whyNone(plan: Plan): string {
  const seen = plan.rejected.find(({ reason }) => reason === 'capacity');
  const reasons = plan.rejected.map(({ reason, count }) => `${count} ${inWords[reason]}`).join(', ');
  const nearest = plan.nearest.slice(0, 3).map(({ offer, missing }) => {
    const lacks = missing
      .map(({ reason, asked, has }) => `${inWords[reason]} ${has}, asked ${asked}`)
      .join(', ');
    return `${offer.instance_type} in ${offer.zone} (${offer.spot}, ${dollars(offer.price)}/h: ${lacks})`;
  });
  const head = seen ? `no capacity for what fits` : `no offer fits`;
  return [
    `${head} (of ${plan.considered}: ${reasons})`,
    ...(nearest.length ? [`nearest: ${nearest.join('; ')}`] : []),
  ].join('; ');
}
