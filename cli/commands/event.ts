import type { Command } from 'commander';
import type { EventList } from '../../domain/api/run.ts';
import type { Client } from '../client/client.ts';
import { eventTable } from '../show/events.ts';
import { out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';

export const event = (): Command =>
  asking('event')
    .summary("tell a run's story")
    .description('Lists all events of a run, of its jobs and of the instances they were given, in order.')
    .argument('<run>', 'its name or id')
    .addHelpText('after', examples('sortie event hello', 'sortie event hello --json'))
    .action(async (name: string, options: Common) => {
      const events = await during('asking', all(clientFor(options), name));
      if (options.json) printJson({ events });
      else for (const line of eventTable(events, out)) out.line(line);
    });

async function all(client: Client, name: string): Promise<EventList['events']> {
  const events: EventList['events'] = [];
  let cursor: string | undefined;
  do {
    const page = await client.events(name, { limit: 1_000, cursor });
    events.push(...page.events);
    cursor = page.next;
  } while (cursor !== undefined);
  return events;
}
