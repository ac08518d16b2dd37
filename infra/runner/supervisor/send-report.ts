import type { Answer, Bundle, Report } from '../contract.ts';
import { exchange, isPassing } from './exchange.ts';

/**
 * `refused`: a 4xx that is not about the moment. `gone` is said of this submission only; any other may also come of a
 * gateway that is being deployed. `failing`: an answer, but not ours or not now. `unreachable`: none.
 */
export type Outcome =
  | { kind: 'answered'; answer: Answer }
  | { kind: 'gone' | 'refused' | 'failing' | 'unreachable' };

export async function sendReport({ report_url, token }: Bundle, report: Report): Promise<Outcome> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const reply = await exchange(report_url, { method: 'POST', headers, body: JSON.stringify(report) }).catch(
    () => null,
  );
  if (reply === null) return { kind: 'unreachable' };
  if (reply.status === 410) return { kind: 'gone' };
  if (reply.status >= 400 && !isPassing(reply.status)) return { kind: 'refused' };
  const answer = reply.status === 200 ? parse(reply.body) : null;
  return answer === null ? { kind: 'failing' } : { kind: 'answered', answer };
}

/** A proxy's page with status 200 is no answer. */
function parse(text: string): Answer | null {
  try {
    const answer = JSON.parse(text) as Partial<Answer> | null;
    const offset = answer?.log_offset;
    if (offset !== null && !Number.isSafeInteger(offset)) return null;
    return {
      log_offset: offset == null ? null : Math.max(0, offset),
      stop: answer?.stop ?? null,
      gang: answer?.gang ?? null,
    };
  } catch {
    return null;
  }
}
