import type { GangOrder, Report } from '../contract.ts';
import type { Standing } from './next-report.ts';

export type Question =
  | { arrived: NonNullable<Report['arrived']> }
  | { prepared: NonNullable<Report['prepared']> };
type Order = Exclude<GangOrder, { order: 'wait' }>;

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

/** What a gang's node says until it is answered with what to do next. */
export function gangQuestions() {
  let open:
    | (NonNullable<Standing['question']> & { question: Question; end(order: Order | null): void })
    | null = null;
  return {
    ask(question: Question, signal: AbortSignal): Promise<Order | null> {
      return new Promise((resolve) => {
        const end = (order: Order | null) => {
          open = null;
          signal.removeEventListener('abort', stop);
          resolve(order);
        };
        const stop = () => end(null);
        const name = 'arrived' in question ? 'arrived' : 'prepared';
        open = { question, name, askedAt: Number.NEGATIVE_INFINITY, pause: FIRST_PAUSE_MS, end };
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop);
      });
    },
    question: (): Question | undefined => open?.question,
    /** `arrived` is answered with `prepare`, `prepared` with `go`. */
    answered(name: 'arrived' | 'prepared', order: GangOrder | null, now: number): void {
      if (open === null || open.name !== name) return;
      const wanted = name === 'arrived' ? 'prepare' : 'go';
      if (order !== null && order.order !== 'wait' && order.order === wanted) return open.end(order);
      open.askedAt = now;
      open.pause = Math.min(LONGEST_PAUSE_MS, open.pause * 1.5);
    },
    standing: (): Standing['question'] => open,
  };
}
