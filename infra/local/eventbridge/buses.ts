import { randomUUID } from 'node:crypto';
import type { Pattern } from '../host/event-pattern.ts';

/** An event as its rules and targets see it. */
export type BusEvent = {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
};

export type BusRule = { bus: string; pattern: Pattern; target: (event: BusEvent) => void };

export type Buses = {
  names(): string[];
  addRule(rule: BusRule): void;
  /** Puts an event on a bus and hands it to every rule that it matches; gives its id. */
  emit(event: {
    bus?: string;
    source: string;
    detailType: string;
    detail: unknown;
    resources?: string[];
    time?: Date;
  }): string;
};

/** EventBridge's buses in one process. AWS services put their events on `default` with `emit`: PutEvents refuses `aws.` sources. */
export function createBuses(options: { names: readonly string[]; region: string; account: string }): Buses {
  const rules: BusRule[] = [];
  return {
    names: () => [...options.names],
    addRule(rule) {
      if (!options.names.includes(rule.bus))
        throw new Error(`a rule names the event bus ${rule.bus}, which does not exist`);
      rules.push(rule);
    },
    emit({ bus = 'default', source, detailType, detail, resources = [], time = new Date() }) {
      const event: BusEvent = {
        version: '0',
        id: randomUUID(),
        'detail-type': detailType,
        source,
        account: options.account,
        time: `${time.toISOString().slice(0, 19)}Z`,
        region: options.region,
        resources,
        detail,
      };
      for (const rule of rules) if (rule.bus === bus && rule.pattern(event)) rule.target(event);
      return event.id;
    },
  };
}
