import type { Command } from 'commander';
import { everyPage } from '../client/every-page.ts';
import { eventTable } from '../show/events.ts';
import { out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';

export const event = (): Command =>
  asking('event')
    .summary("tell a run's story")
    .description('Lists all events of a run, of its jobs and of the instances they were given, in order.')
    .argument('<run>', 'its name, its id or the beginning of that')
    .addHelpText('after', examples('sortie event hello', 'sortie event hello --json'))
    .action(async (name: string, options: Common) => {
      const client = clientFor(options);
      const events = await during(
        'asking',
        everyPage(
          (cursor) => client.events(name, { limit: 1_000, cursor }),
          (page) => page.events,
        ),
      );
      if (options.json) printJson({ events });
      else for (const line of eventTable(events, out)) out.line(line);
    });
