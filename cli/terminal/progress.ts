import { liveLine } from './live-line.ts';
import { err } from './output.ts';
import { ticking } from './units.ts';

const PATIENCE = 1_000;

/** Says what is being waited for, once it takes more than a second. */
export async function during<T>(what: string, work: Promise<T>): Promise<T> {
  const live = liveLine(err);
  const since = Date.now();
  const timer = setTimeout(() => {
    if (err.live) live.show(() => `${what}… ${ticking(since)}`);
    else err.line(`${what}…`);
  }, PATIENCE);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    live.end();
  }
}
