import type { Letter } from './letter.ts';

/** What a letter means, and what its redrive does about it. */
export interface Explained {
  readonly what: string;
  readonly next: string;
}

export function explain(letter: Letter): Explained {
  switch (letter.kind) {
    case 'doorbells':
      return {
        what: `react gave up on ${several(letter.records, 'record')} of streams that moved ${between(letter.moved)}; its log has the error. The letter says where the records are, not whose.`,
        next: 'sync looks at whatever is unfinished when it is due, so nothing is stuck for good; `sortie redrive` has it look at all of it within a minute',
      };
    case 'unpublished':
      return {
        what: `publish could not put the events of ${several(letter.commits.length, 'commit')} on the bus, recorded ${between(letter.recorded)}. Sortie itself does not depend on them.`,
        next: '`sortie redrive` publishes them now; who listens drops what came through before, by its `event_id`',
      };
    case 'events':
      return {
        what: `publish did not get to the events of ${several(letter.records, 'commit')}, recorded ${between(letter.moved)}: its log has the error. The letter says where the records are, not whose. Sortie itself does not depend on them.`,
        next: 'who listens on the bus misses those versions: they are in `sortie event RUN --json`; when that is seen to, `sortie redrive --discard ID`',
      };
    case 'observation':
      return {
        what: `observe could not record: ${letter.about}. Such events only hasten what sync finds out by itself.`,
        next: '`sortie redrive` records it now; what has passed meanwhile stays as it is',
      };
    case 'unknown':
      return {
        what: 'nothing that Sortie or AWS on its behalf leaves here',
        next: 'look at it with `sortie dead-letters --json`; remove it with `sortie redrive --discard ID`',
      };
  }
}

const several = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

const between = ([first, last]: readonly [string, string]): string =>
  first === last ? `at ${first}` : `from ${first} to ${last}`;
