import { Hono } from 'hono';
import type { DeadLetter } from '../../domain/api/dead-letter.ts';
import { DeadLetterList, Redriven, RedriveRequest } from '../../domain/api/dead-letter.ts';
import type { HeldLetter } from '../../domain/dead-letters/dead-letters.ts';
import { explain } from '../../domain/dead-letters/explain.ts';
import { type Letter, readLetter } from '../../domain/dead-letters/letter.ts';
import { type CommitKey, commitKey } from '../../domain/dead-letters/unpublished.ts';
import { iso } from '../../domain/kernel/instant.ts';
import type { Commit } from '../../domain/kernel/stream.ts';
import { Observation } from '../observe/observation.ts';
import { observe } from '../observe/observe.ts';
import type { Api, Env, Routes } from './context.ts';
import { bodyOf } from './request.ts';
import { ringUnfinished } from './ring-unfinished.ts';

const AT_ONCE = 100;

/** What could not be handled: shown, explained, and brought back to the normal path. */
export const deadLetterRoutes = (api: Api): Routes =>
  new Hono<Env>()
    .get('/', async (c) => {
      const held = await api.deadLetters.take(AT_ONCE);
      await api.deadLetters.giveBack(held);
      const letters = held.map(shown);
      return c.json(DeadLetterList.parse({ letters, more: moreThan(held) } satisfies DeadLetterList));
    })

    .post('/redrive', async (c) => {
      const { letters: asked, action } = await bodyOf(c, RedriveRequest);
      const held = await api.deadLetters.take(AT_ONCE);
      const chosen = held.filter(({ id }) => asked === 'all' || asked.includes(id));
      const done: Redriven['letters'] = [];
      try {
        const ring = once(() => ringUnfinished(api, c.var.caller.project));
        for (const letter of chosen)
          done.push({ id: letter.id, ...(await handle(api, letter, { action, ring })) });
      } finally {
        // After an outage as well: what was not dealt with is there for the next try at once.
        const removed = new Set(done.flatMap(({ id, outcome }) => (outcome === 'kept' ? [] : [id])));
        await api.deadLetters.giveBack(held.filter(({ id }) => !removed.has(id)));
      }
      const found = new Set(chosen.map(({ id }) => id));
      const absent = asked === 'all' ? [] : asked.filter((id) => !found.has(id));
      const letters: Redriven['letters'] = [
        ...done,
        ...absent.map((id) => ({
          id,
          outcome: 'not_there' as const,
          message: 'no such letter is in the queue; list them with: sortie dead-letters',
        })),
      ];
      return c.json(Redriven.parse({ letters, more: moreThan(held) } satisfies Redriven));
    });

const moreThan = (held: readonly HeldLetter[]) => (held.length < AT_ONCE ? 'none' : 'maybe');

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => (begun ??= work());
}

type Outcome = Omit<Redriven['letters'][number], 'id'>;

/** Does what a letter asks for, and only then removes it: in between, a crash leaves it to be redriven again. */
async function handle(
  api: Api,
  held: HeldLetter,
  { action, ring }: { action: 'redrive' | 'discard'; ring: () => Promise<number> },
): Promise<Outcome> {
  if (action === 'discard') {
    await api.deadLetters.remove(held);
    return { outcome: 'discarded', message: 'removed; nothing was done about it' };
  }
  const outcome = await redrive(api, readLetter(held), ring);
  if (outcome.outcome === 'redriven') await api.deadLetters.remove(held);
  return outcome;
}

async function redrive(api: Api, letter: Letter, ring: () => Promise<number>): Promise<Outcome> {
  switch (letter.kind) {
    case 'doorbells': {
      const rung = await ring();
      return {
        outcome: 'redriven',
        message: `${rung === 1 ? '1 unfinished stream is' : `${rung} unfinished streams are`} due now: sync visits within a minute`,
      };
    }
    case 'observation': {
      const read = Observation.safeParse(letter.event);
      if (!read.success) return { outcome: 'kept', message: explain({ kind: 'unknown' }).next };
      await observe(api, 'redriven', read.data);
      return { outcome: 'redriven', message: `recorded: ${letter.about}` };
    }
    case 'unpublished':
      return republish(api, letter.commits);
    case 'events':
    case 'unknown':
      return { outcome: 'kept', message: explain(letter).next };
  }
}

/** From the store, which keeps every commit. What the bus refuses again stays in the queue, and so do those with it. */
async function republish(api: Api, keys: readonly CommitKey[]): Promise<Outcome> {
  const [commits, absent] = await readCommits(api, keys);
  if (absent.length > 0)
    return { outcome: 'kept', message: `there is no commit ${absent.map(commitKey).join(', ')}` };
  try {
    await api.bus.publish(commits);
  } catch (error) {
    return { outcome: 'kept', message: error instanceof Error ? error.message : String(error) };
  }
  const events = commits.flatMap((commit) => commit.events).length;
  return { outcome: 'redriven', message: `published: ${events} event${events === 1 ? '' : 's'}` };
}

async function readCommits(api: Api, keys: readonly CommitKey[]): Promise<[Commit[], CommitKey[]]> {
  const found = await Promise.all(
    keys.map(({ stream, version }) => api.store.history(stream, version - 1, 1)),
  );
  return [
    found.flatMap(([commit], n) => (commit?.version === keys[n]?.version && commit ? [commit] : [])),
    keys.filter(({ version }, n) => found[n]?.[0]?.version !== version),
  ];
}

function shown(held: HeldLetter): DeadLetter {
  const letter = readLetter(held);
  const fromStream = letter.kind === 'doorbells' || letter.kind === 'events';
  return {
    id: held.id,
    function: functions[letter.kind],
    ...reasonOf(letter),
    at: iso(held.sent_at),
    stream: fromStream
      ? {
          shard: letter.shard,
          from: letter.sequences[0],
          to: letter.sequences[1],
          records: letter.records,
        }
      : null,
    ...explain(letter),
    body: held.body,
  };
}

function reasonOf(letter: Letter): Pick<DeadLetter, 'condition' | 'attempts'> {
  switch (letter.kind) {
    case 'unknown':
      return { condition: null, attempts: null };
    case 'unpublished':
      return { condition: letter.error, attempts: null };
    default:
      return { condition: letter.condition, attempts: letter.attempts };
  }
}

const functions = {
  doorbells: 'react',
  unpublished: 'publish',
  events: 'publish',
  observation: 'observe',
  unknown: null,
} as const;
