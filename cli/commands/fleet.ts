import type { Command } from 'commander';
import { fleetTable } from '../show/instances.ts';
import { out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';
import { fleetOperation } from './fleet-operations.ts';

export const fleet = (): Command =>
  asking('fleet')
    .summary('list fleets, pause, resume or drain one, end all its instances')
    .description('Lists fleets with their limits, and what EC2 refused them lately.')
    .enablePositionalOptions()
    .addCommand(fleetOperation('pause'))
    .addCommand(fleetOperation('resume'))
    .addCommand(fleetOperation('drain'))
    .addCommand(fleetOperation('terminate-all'))
    .addHelpText('after', examples('sortie fleet'))
    .action(async (options: Common) => {
      const listed = await during('asking', clientFor(options).fleets({ limit: 200 }));
      if (options.json) {
        printJson(listed);
        return;
      }
      const none = 'There is no fleet yet: the first launch makes one.';
      for (const line of listed.fleets.length > 0 ? fleetTable(listed.fleets, out, Date.now()) : [none])
        out.line(line);
    });
