import { type Fault, faults, frequent } from './faults.ts';
import { randomFor, randomOf } from './random.ts';

export interface Chance {
  /** Whether it strikes now, at this call, stream or machine. */
  strikes(fault: Fault, where: string): boolean;
  /** Uniform from low to high, in a sequence of its own. */
  between(purpose: string, low: number, high: number): number;
  /** Nothing goes wrong any more. */
  end(): void;
  /** All that went wrong, each by its name. */
  readonly struck: readonly string[];
}

/** `only`: nothing but these elements strikes, whatever the rates. */
export function chanceOf(
  seed: number,
  rates: Readonly<Record<Fault, number>>,
  only: ReadonlySet<string> | 'all',
): Chance {
  const times = new Map<string, number>();
  const sequences = new Map<string, () => number>();
  const struck = new Set<string>();
  let over = false;
  const sequence = (purpose: string): number => {
    const random = sequences.get(purpose) ?? randomOf(seed, purpose);
    sequences.set(purpose, random);
    return random();
  };
  // `doorbell lost (Job-x) #3`: by such a name it strikes or not, whatever else is left out of the story.
  const named = (fault: Fault, where: string): string => {
    const name = `${fault} (${where})`;
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return `${name} #${time}`;
  };
  const rare = new Set(faults.filter((fault) => rates[fault] > 0 && !(fault in frequent)));
  return {
    get struck() {
      return [...struck];
    },
    strikes(fault, where) {
      if (over || rates[fault] === 0) return false;
      const element = rare.has(fault) ? named(fault, where) : fault;
      if (only !== 'all' && !only.has(element)) return false;
      const hit = (rare.has(fault) ? randomFor(seed, element) : sequence(fault)) < rates[fault];
      if (hit) struck.add(element);
      return hit;
    },
    between: (purpose, low, high) => low + sequence(purpose) * (high - low),
    end() {
      over = true;
    },
  };
}
