import type { Asked } from './planner.ts';

/**
 * What is worked out for a request, once for all that ask for the same: jobs come from the store, and no two share an
 * object. A few fields narrow it down and equality decides: a request spelled out as a key would take longer than all
 * else that is done for most jobs.
 */
export function onceForAlike<T>(workOut: (asked: Asked) => T): (asked: Asked) => T {
  const known = new Map<string, Answered<T>[]>();
  let last: Answered<T> | undefined;
  return (asked) => {
    // A job's turn asks several times.
    if (last?.asked === asked) return last.answer;
    const about = roughly(asked);
    const candidates = known.get(about) ?? [];
    const alike = candidates.find((one) => equal(one.asked, asked));
    const { answer } = alike ?? { answer: workOut(asked) };
    if (alike === undefined) known.set(about, [...candidates, { asked, answer }]);
    last = { asked, answer };
    return answer;
  };
}

interface Answered<T> {
  readonly asked: Asked;
  readonly answer: T;
}

const roughly = ({ requirements: { resources, spot_policy, max_duration } }: Asked): string =>
  `${resources.cpu.count.min} ${resources.memory?.min} ${resources.gpu.count.min} ${spot_policy} ${max_duration}`;

/** Of what JSON can say. */
function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b)) return false;
  let names = 0;
  for (const name in a) {
    names++;
    if (!equal(a[name], b[name])) return false;
  }
  return names === Object.keys(b).length;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
