import { describe, expect, it } from 'vitest';
import { FleetEvent } from '../../domain/fleet/events.ts';
import { InstanceEvent } from '../../domain/instance/events.ts';
import { JobEvent } from '../../domain/job/events.ts';
import type { StreamName } from '../../domain/kernel/stream.ts';
import { RunEvent } from '../../domain/run/events.ts';
import { parseEvent } from '../../domain/streams.ts';
import { goldenNames, goldenText } from './golden-events.ts';

const unions = { Run: RunEvent, Job: JobEvent, Instance: InstanceEvent, Fleet: FleetEvent };

const typesOf = (stream: StreamName): string[] =>
  unions[stream].options.map((option) => option.shape.type.value);

const streamOf = (type: string) =>
  (Object.keys(unions) as StreamName[]).find((stream) => typesOf(stream).includes(type));

describe('events that were ever stored', () => {
  it.each(goldenNames())('%s still reads, and reads back as the same bytes', (name) => {
    const stored: unknown = JSON.parse(goldenText(name));
    const type = name.replace(/\.\d+$/, '');
    const stream = streamOf(type);
    if (stream === undefined) throw new Error(`${name}: no stream knows ${type}; stored events never go away`);
    const read = parseEvent(stream, stored);
    expect(read.type).toBe(type);
    // An older shape may be brought up to date on reading; the newest must survive unchanged.
    if (name === type) expect(JSON.stringify(read)).toBe(JSON.stringify(stored));
  });

  it.each(Object.keys(unions) as StreamName[])('%s: every event type has a golden file', (stream) => {
    const missing = typesOf(stream).filter((type) => !goldenNames().includes(type));
    expect(missing, 'add test/golden/events/<Type>.json for each').toEqual([]);
  });

  it('refuses an event type that no stream knows', () => {
    expect(() => parseEvent('Run', { type: 'RunForgotten' })).toThrow('an event of Run');
  });
});
