/** What every port throws in a process that has died. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Kills a process at its k-th call of a port, with the call done or not. */
export interface Crashing {
  wrap<T extends object>(port: T): T;
  /** A new process: the one before may have died. */
  begin(): void;
  readonly calls: number;
  readonly crashed: boolean;
}

export function crashing(plan: { call: number; effect: 'done' | 'undone' } | 'never'): Crashing {
  let [calls, crashed, dead] = [0, false, false];
  const die = (): never => {
    [crashed, dead] = [true, true];
    throw new Crash('the process has died');
  };
  return {
    get calls() {
      return calls;
    },
    get crashed() {
      return crashed;
    },
    begin() {
      dead = false;
    },
    wrap: (port) =>
      new Proxy(port, {
        get(target, name) {
          const method: unknown = Reflect.get(target, name);
          if (typeof method !== 'function') return method;
          return async (...given: unknown[]) => {
            if (dead) return die();
            const last = plan !== 'never' && ++calls === plan.call ? plan.effect : undefined;
            if (last === 'undone') return die();
            const result: unknown = await Reflect.apply(method, target, given);
            return last === 'done' ? die() : result;
          };
        },
      }),
  };
}
