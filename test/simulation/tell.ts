import type { Commit } from '../../domain/kernel/stream.ts';
import { T0 } from '../domain/given.ts';

/** Commits, a line each: when, who, of which stream, what. */
export const tellHistory = (commits: readonly Commit[]): string[] =>
  commits.map(({ stream, at, by, events }) => {
    const told = events.map((event) => told1(event as Record<string, unknown> & { type: string }));
    return `${((at - T0) / 1_000).toFixed(1).padStart(8)} s  ${by.padEnd(16)} ${stream.name}-${stream.id.slice(-10)}  ${told.join(' + ')}`;
  });

const shown = [
  'reason',
  'status',
  'code',
  'instance',
  'submission',
  'claim',
  'mode',
  'ec2',
  'at',
  'until',
] as const;

function told1(event: Record<string, unknown> & { type: string }): string {
  const facts = shown.flatMap((name) => (event[name] === undefined ? [] : [`${name}=${short(event[name])}`]));
  return facts.length > 0 ? `${event.type}(${facts.join(' ')})` : event.type;
}

const short = (value: unknown): string =>
  typeof value === 'string' ? value.slice(-24) : JSON.stringify(value).slice(0, 60);
