import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '../connection.ts';
import { Exit, Failure } from '../exit.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `command`: an outage of seconds is waited out. `follow`: one of minutes, a restart of Sortie included. */
  readonly patience: 'command' | 'follow';
  /** Milliseconds that one answer may take. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Hears of a try that failed, and that there will be another. */
  readonly onRetry?: (reason: string) => void;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

type Outcome =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'broken'; readonly reason: string; readonly again: 'always' | 'when following' };

const TRIES = 4;
const FOLLOWED = 5 * 60_000;

/**
 * One request, repeated over broken connections and 5xx: every call of this API may be, as those that create carry
 * an Idempotency-Key. Throws a `Failure` once patience is out.
 */
export async function send(connection: Connection, call: Call): Promise<Answer> {
  const since = Date.now();
  for (let tries = 1; ; tries++) {
    const outcome = await tryOnce(connection, call);
    if (outcome.kind === 'answered' && !isOutage(outcome.answer.status)) return outcome.answer;
    const following = call.patience === 'follow';
    const hopeful = outcome.kind === 'answered' || following || outcome.again === 'always';
    const patient = following ? Date.now() - since < FOLLOWED : tries < TRIES;
    if (!hopeful || !patient) {
      if (outcome.kind === 'answered') return outcome.answer;
      throw unreachable(connection, outcome.reason);
    }
    // Being told to slow down is no lost contact.
    const slower = outcome.kind === 'answered' && outcome.answer.status === 429;
    if (!slower) call.onRetry?.(outcome.kind === 'broken' ? outcome.reason : `HTTP ${outcome.answer.status}`);
    await pause(
      Math.min(slower && following ? 5_000 : following ? 2_000 : 1_000, 100 * 2 ** tries) *
        (0.5 + Math.random() / 2),
      undefined,
      {
        ...(call.signal && { signal: call.signal }),
      },
    );
  }
}

const isOutage = (status: number): boolean => status === 429 || (status >= 500 && status !== 501);

async function tryOnce({ url, token }: Connection, call: Call): Promise<Outcome> {
  const timeout = AbortSignal.timeout(call.timeout ?? 30_000);
  try {
    const response = await fetch(`${url}${call.path}`, {
      method: call.method,
      headers: {
        accept: 'application/json',
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      redirect: 'manual',
      signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
    });
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    return { kind: 'answered', answer: { status: response.status, type, text: await response.text() } };
  } catch (error) {
    if (call.signal?.aborted) throw error;
    if (timeout.aborted) return { kind: 'broken', reason: 'no answer in time', again: 'always' };
    return broken(error);
  }
}

// Nobody listens there, or the name leads nowhere: another try a second later hears the same.
const SETTLED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EHOSTUNREACH: 'no way to that host',
};

/** How undici reports a broken connection: a TypeError whose cause has the code. */
function broken(error: unknown): Outcome {
  const cause = error instanceof TypeError ? error.cause : undefined;
  if (!(cause instanceof Error)) throw error;
  const code = 'code' in cause ? String(cause.code) : '';
  const settled = SETTLED[code];
  return settled === undefined
    ? { kind: 'broken', reason: cause.message || code, again: 'always' }
    : { kind: 'broken', reason: settled, again: 'when following' };
}

const unreachable = ({ url, unanswered }: Connection, reason: string): Failure =>
  new Failure(`cannot reach Sortie at ${url}: ${reason}`, {
    exit: Exit.unreachable,
    next: unanswered,
  });
