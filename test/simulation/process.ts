import type { DeadLetters } from '../../domain/dead-letters/dead-letters.ts';
import type { Logs } from '../../domain/job/logs.ts';
import type { Secrets } from '../../domain/secrets/secrets.ts';
import type { Reactive } from '../../functions/react/ports.ts';
import { Crash } from '../functions/crashing.ts';
import type { Chance } from './chance.ts';
import type { Service } from './plan.ts';
import type { Timeline } from './timeline.ts';

/** What a process of Sortie touches of the world. */
export type Ports = Pick<Reactive, 'store' | 'cloud' | 'commands' | 'bundles'> & {
  readonly secrets: Secrets;
  readonly logs: Logs;
  readonly deadLetters: DeadLetters;
};

/** What the simulation throws where AWS would not answer: an outage, never a bug. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** A Lambda environment: one invocation at a time, until it dies; what goes on in it then ends at its next call. */
export interface Process {
  readonly ports: Ports;
  readonly isDead: () => boolean;
  kill(): void;
}

/** Milliseconds that an answer takes, and how long a caller waits for one that does not come. */
const answersWithin = {
  ...{ store: 30, bundles: 80, secrets: 40, logs: 30, deadLetters: 60 },
  ...{ cloud: 2_500, commands: 900 },
} as const;
const PATIENCE = 20_000;

const serviceOf: Readonly<Partial<Record<keyof Ports, Service>>> = { cloud: 'ec2', commands: 'ssm' };

export interface Surroundings {
  readonly time: Timeline;
  readonly chance: Chance;
  /** Services that only time out. */
  readonly down: ReadonlySet<Service>;
}

/** The ports as one process sees them: every call takes its time, may not be answered, or may be its last. */
export function startProcess(name: string, ports: Ports, around: Surroundings): Process {
  const life: Life = { dead: false };
  const wrap = <Port extends keyof Ports>(port: Port): Ports[Port] =>
    new Proxy(ports[port], {
      get(target, method) {
        const call: unknown = Reflect.get(target, method);
        if (typeof call !== 'function') return call;
        return (...given: unknown[]) =>
          throughTime(around, life, [name, port, String(method)], () => Reflect.apply(call, target, given));
      },
    });
  return {
    isDead: () => life.dead,
    kill() {
      life.dead = true;
    },
    ports: {
      store: wrap('store'),
      cloud: wrap('cloud'),
      commands: wrap('commands'),
      bundles: wrap('bundles'),
      secrets: wrap('secrets'),
      logs: wrap('logs'),
      deadLetters: wrap('deadLetters'),
    },
  };
}

interface Life {
  dead: boolean;
}

async function throughTime(
  { time, chance, down }: Surroundings,
  life: Life,
  [name, port, method]: readonly [string, keyof Ports, string],
  call: () => unknown,
): Promise<unknown> {
  const where = `${name}: ${port}.${method}`;
  const die = (): never => {
    life.dead = true;
    throw new Crash('the process has died');
  };
  if (life.dead || chance.strikes('process died before a call', where)) return die();
  const service = serviceOf[port];
  if (service !== undefined && down.has(service)) {
    await time.after(PATIENCE);
    if (life.dead) return die();
    throw new NoAnswer(`${where}: timed out`);
  }
  if (port === 'store' && chance.strikes('store did not answer', where)) throw new NoAnswer(where);
  const result: unknown = await call();
  if (chance.strikes('process died after a call', where)) return die();
  if (method === 'append' && chance.strikes('reply to an append lost', where)) throw new NoAnswer(where);
  const slowly = chance.strikes('call slow', where) ? 100 : 1;
  await time.after(
    Math.min(PATIENCE, 1 + slowly * chance.between(`${port} answers`, 0, answersWithin[port])),
  );
  return life.dead ? die() : result;
}

/** Environments of one function: an invocation takes a free one, or a new one is started. Lambda ends it after `timeout`. */
export function environments<E>(
  time: Timeline,
  timeout: number,
  start: () => { readonly env: E; readonly process: Process },
) {
  const free: ReturnType<typeof start>[] = [];
  return async function invoke<T>(work: (env: E) => Promise<T>): Promise<T | 'died'> {
    const one = free.pop() ?? start();
    let ended = false;
    time.at(time.now() + timeout, () => {
      if (!ended) one.process.kill();
    });
    try {
      const result = await work(one.env);
      if (one.process.isDead()) return 'died';
      free.push(one);
      return result;
    } catch (error) {
      if (one.process.isDead()) return 'died';
      free.push(one);
      throw error;
    } finally {
      ended = true;
    }
  };
}
