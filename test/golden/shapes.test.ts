import { expect, it } from 'vitest';
import { type DomainEvent, fold, type StreamName } from '../../domain/kernel/stream.ts';
import { parseEvent, streamNamed, streams } from '../../domain/streams.ts';
import { goldenNames, goldenText } from './golden-events.ts';

/** Every event that was ever stored, as this version reads it. */
const eventsOf = (name: StreamName): DomainEvent[] =>
  goldenNames().flatMap((golden) => {
    try {
      return parseEvent(name, JSON.parse(goldenText(golden)));
    } catch {
      return []; // another stream's
    }
  });

/** `phase.kind`, `reservations[].offer.price`: what there is in a value, not what it is. */
function pathsIn(value: unknown, at: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => pathsIn(one, `${at}[]`));
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([key, one]) => pathsIn(one, `${at}.${key}`));
}

/** What state and view hold after any few of these events that can follow each other. */
function shapeOf(name: StreamName): string[] {
  const stream = streamNamed(name);
  const events = eventsOf(name);
  const all = new Set<string>();
  const seen = new Set<string>();
  let states: unknown[] = [undefined];
  for (let depth = 0; depth < 5; depth++) {
    const next: unknown[] = [];
    for (const state of states)
      for (const event of events) {
        let after: unknown;
        try {
          after = fold(stream, state, [event], 1_000 * (depth + 1));
        } catch {
          continue; // not after that one
        }
        const paths = [...pathsIn(after, 'state'), ...pathsIn(stream.view(after, 'an-id'), 'view')];
        const signature = `${JSON.stringify((after as { phase?: { kind?: string } }).phase?.kind)} ${paths.join()}`;
        for (const path of paths) all.add(path);
        if (!seen.has(signature)) next.push(after);
        seen.add(signature);
      }
    states = next;
  }
  return [...all].sort();
}

it.each(Object.keys(streams) as StreamName[])('a head of %s holds what its shape says', async (name) => {
  await expect(
    `${shapeOf(name).join('\n')}\n`,
    `state or view of ${name} hold something else than before: raise \`shape\` in its stream.ts, then write this file anew with -u`,
  ).toMatchFileSnapshot(`shapes/${name}.${streamNamed(name).shape}.txt`);
});
