import { randomUUID } from 'node:crypto';
import type { Schedule } from './service/deployment.ts';
import type { Timings } from './timings.ts';
import { toldOnce } from './trouble.ts';

export type Schedules = {
  /** Fires a function's schedules at once, beside their rate. False when it has none. */
  fire(functionName: string): boolean;
  close(): void;
};

/**
 * EventBridge's `rate(…)` rules. The first event comes one period after the start, as after creating a rule.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export function runSchedules(options: {
  schedules: readonly Schedule[];
  timings: Pick<Timings, 'minuteMs'>;
  region: string;
  account: string;
  deliver: (functionName: string, event: unknown) => void;
}): Schedules {
  const { schedules, timings, region, account, deliver } = options;
  const fire = (schedule: Schedule) =>
    deliver(schedule.function, schedule.input ?? scheduledEvent(schedule.name));

  function scheduledEvent(name: string): object {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account,
      time: `${new Date().toISOString().slice(0, 19)}Z`,
      region,
      resources: [`arn:aws:events:${region}:${account}:rule/${name}`],
      detail: {},
    };
  }

  const trouble = toldOnce();
  const alarms = schedules.map((schedule) =>
    setInterval(() => {
      try {
        fire(schedule);
        trouble.over();
      } catch (error) {
        // A full disk, say: the next one comes in time.
        trouble.say(`schedule ${schedule.name} was not fired`, error);
      }
    }, schedule.everyMinutes * timings.minuteMs),
  );
  return {
    fire(functionName) {
      const own = schedules.filter((schedule) => schedule.function === functionName);
      own.forEach(fire);
      return own.length > 0;
    },
    close: () => alarms.forEach((alarm) => clearInterval(alarm)),
  };
}
