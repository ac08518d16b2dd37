import * as z from 'zod';
import { describe } from './describe.ts';
import { fleetReference } from './fleets.ts';
import { mustBe, readBy, refuse } from './problem.ts';
import { text } from './text.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const WRITTEN = 'an instance such as i-0123456789abcdef0';

const instanceName = text(WRITTEN).refine((name) => NAME.test(name), {
  error: (issue) => `${describe(issue.input)} is not the name of ${WRITTEN}`,
});

const byHostname = z.strictObject({ hostname: instanceName });
const inFleet = z.strictObject({
  fleet: fleetReference.nullish(),
  instance: instanceName.refine((name) => !/^\d+$/.test(name), {
    error: 'is a number, and instances have none here\nwrite its id, from: sortie instance',
  }),
});

/** An instance by its name, and the fleet that was named with it. */
export type NamedInstance = { name: string; fleet: string | null };

/** `i-0123…` or `sortie-small-4x2k9q`, `{hostname: …}`, `{fleet: …, instance: …}`. */
const instance = z
  .union([z.string(), z.looseObject({})], { error: mustBe(`the name of ${WRITTEN}`) })
  .transform((written, ctx): NamedInstance => {
    if (typeof written === 'string') return { name: readBy(instanceName, written, ctx, 'here'), fleet: null };
    if ('hostname' in written)
      return { name: readBy(byHostname, written, ctx, 'inside').hostname, fleet: null };
    // dstack counts the instances of a fleet; a number is told what to write.
    const said =
      typeof written.instance === 'number' ? { ...written, instance: `${written.instance}` } : written;
    const { fleet, instance: name } = readBy(inFleet, said, ctx, 'inside');
    return { name, fleet: fleet ?? null };
  });

/** The only instances that a run may have, by id, EC2's id or name; all of one fleet. */
export const instances = z
  .array(instance, {
    error: (issue) =>
      mustBe(
        'a list of instances',
        typeof issue.input === 'string' ? `write [${describe(issue.input).slice(1, -1)}]` : undefined,
      )(issue),
  })
  .min(1, 'names no instance\nleave the field out to allow any')
  .max(100, 'has more than 100 entries')
  .transform((all, ctx) => {
    const named = [...new Set(all.flatMap(({ fleet }) => fleet ?? []))];
    if (named.length > 1)
      return refuse(ctx, `are of fleets ${named.join(' and ')}: a run has its instances in one`);
    return { names: all.map(({ name }) => name), fleet: named[0] ?? null };
  });
