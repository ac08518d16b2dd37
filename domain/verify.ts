import { deletedFleets, fleetList } from './fleet/stream.ts';
import { instanceList } from './instance/stream.ts';
import type { EventStore } from './kernel/event-store.ts';
import { historyAfter } from './kernel/history.ts';
import { jobId, type RunId } from './kernel/ids.ts';
import { type Folded, refold, unfolded } from './kernel/refold.ts';
import { type Head, headOf, type StreamRef } from './kernel/stream.ts';
import { wholeList } from './kernel/whole-list.ts';
import type { RunState } from './run/state.ts';
import { Run, runList } from './run/stream.ts';
import { keyOf, streamNamed } from './streams.ts';

/** Heads as they are stored, whole. */
export interface Heads {
  head(stream: StreamRef): Promise<Head | undefined>;
}

/** A stream whose head is not what its commits say. */
export interface Mismatch {
  readonly stream: string;
  /** `commits`: there is a gap, or one that no head followed. The others are parts of the head. */
  readonly part: 'head' | 'commits' | 'state' | 'view' | 'list' | 'work' | 'due';
  readonly stored: string;
  readonly expected: string;
}

export interface Verification {
  readonly streams: number;
  readonly commits: number;
  /** Heads of another shape, which another version wrote: they are folded anew when they are read. */
  readonly outdated: number;
  readonly mismatches: readonly Mismatch[];
}

export interface Verified {
  /** The commits read: those after what was folded before. */
  readonly commits: number;
  readonly shape: 'current' | 'outdated';
  readonly mismatches: readonly Mismatch[];
  readonly folded: Folded;
}

/** Refolds every run, job, instance and fleet of a project from its commits and compares it with its head, byte for byte. */
export async function verify(
  store: EventStore,
  heads: Heads,
  project: string,
  progress: (streams: number) => void = () => {},
): Promise<Verification> {
  const mismatches: Mismatch[] = [];
  let [checked, commits, outdated] = [0, 0, 0];
  for await (const stream of everyStream(store, project)) {
    const verified = await verifyStream(store, heads, stream);
    mismatches.push(...verified.mismatches);
    commits += verified.commits;
    if (verified.shape === 'outdated') outdated++;
    progress(++checked);
  }
  return { streams: checked, commits, outdated, mismatches };
}

async function* everyStream(store: EventStore, project: string): AsyncGenerator<StreamRef> {
  for await (const { id } of wholeList(store, fleetList(project))) yield { name: 'Fleet', id };
  for await (const { id } of wholeList(store, deletedFleets(project))) yield { name: 'Fleet', id };
  for await (const { id } of wholeList(store, instanceList(project))) yield { name: 'Instance', id };
  for await (const { id } of wholeList(store, runList(project))) {
    yield { name: 'Run', id };
    const { state } = await store.load(Run, id);
    for (const job of jobsOf(id, state)) yield { name: 'Job', id: job };
  }
}

const jobsOf = (run: string, state: RunState | undefined): string[] =>
  (state?.jobs ?? []).map(({ index }) => jobId(run as RunId, index));

/** One stream, from its beginning or on from where it was found to be right. */
export async function verifyStream(
  store: Pick<EventStore, 'history'>,
  heads: Heads,
  ref: StreamRef,
  since: Folded = unfolded,
): Promise<Verified> {
  const stored = await heads.head(ref);
  const commits = await historyAfter(store, ref, since.version);
  const last = commits.at(-1)?.version ?? since.version;
  // The stream may have moved between the two reads; one that a head never followed stays ahead of it.
  if (stored !== undefined && last > stored.version && (await heads.head(ref))?.version !== stored.version)
    return verifyStream(store, heads, ref, since);
  const wrong = (part: Mismatch['part'], is: unknown, expected: unknown): Mismatch[] => {
    const [a, b] = [JSON.stringify(is) ?? 'nothing', JSON.stringify(expected) ?? 'nothing'];
    return a === b ? [] : [{ stream: keyOf(ref), part, stored: a, expected: b }];
  };
  const versions = commits.map(({ version }) => version);
  const gaps = wrong(
    'commits',
    versions,
    versions.map((_, index) => since.version + index + 1),
  );
  const shape =
    stored && stored.shape !== streamNamed(ref.name).shape ? ('outdated' as const) : ('current' as const);
  const found = { commits: commits.length, shape };
  if (gaps.length > 0) return { ...found, mismatches: gaps, folded: since };
  const folded = refold(streamNamed(ref.name), commits, since);
  const expected = headFrom(ref, folded);
  if (stored === undefined || expected === undefined || stored.version !== expected.version)
    return { ...found, mismatches: wrong('head', stored?.version, expected?.version), folded };
  if (shape === 'outdated') return { ...found, mismatches: [], folded };
  const mismatches = [
    ...wrong('state', stored.state, expected.state),
    ...wrong('view', stored.view, expected.view),
    ...wrong('list', stored.list, expected.list),
    ...wrong('work', stored.work, expected.work),
    // `remind` moves a due time without an event; whether there is one follows from the state.
    ...wrong('due', stored.due !== undefined, expected.due !== undefined),
  ];
  return { ...found, mismatches, folded };
}

const headFrom = (ref: StreamRef, { version, state }: Folded): Head | undefined =>
  state === undefined ? undefined : headOf(streamNamed(ref.name), ref.id, version, state);
