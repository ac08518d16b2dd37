import { readdirSync, readFileSync } from 'node:fs';
import type { FleetEvent } from '../../domain/fleet/events.ts';
import type { InstanceEvent } from '../../domain/instance/events.ts';
import type { JobEvent } from '../../domain/job/events.ts';
import type { RunEvent } from '../../domain/run/events.ts';

const folder = new URL('./events/', import.meta.url);

type Event = RunEvent | JobEvent | InstanceEvent | FleetEvent;

/** The names of all shapes ever stored; the newest of a type is `<Type>`, those before it `<Type>.1`, `<Type>.2` and so on. */
export const goldenNames = (): string[] =>
  readdirSync(folder).map((file) => file.slice(0, -'.json'.length));

export const goldenText = (name: string): string => readFileSync(new URL(`${name}.json`, folder), 'utf8');

/** An event as it lies in the store: an example for whoever needs one. */
export const golden = <T extends Event['type']>(type: T): Extract<Event, { type: T }> =>
  JSON.parse(goldenText(type)) as Extract<Event, { type: T }>;
