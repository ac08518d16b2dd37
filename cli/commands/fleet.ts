import type { Command } from 'commander';
import { everyPage } from '../client/every-page.ts';
import { Exit } from '../exit.ts';
import { fleetLines, fleetTable } from '../show/fleets.ts';
import { confirm } from '../terminal/confirm.ts';
import { err, out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';
import { fleetOperation } from './fleet-operations.ts';
import { runNames } from './run-names.ts';

export const fleet = (): Command =>
  asking('fleet')
    .summary('list, show and delete fleets; pause, resume or drain one, end all its instances')
    .description(
      'Lists fleets with their limits, and what EC2 refused them lately. `sortie apply` creates and changes them.',
    )
    .addHelpText('after', examples('sortie fleet', 'sortie fleet show gpu', 'sortie fleet delete gpu'))
    .addCommand(show())
    .addCommand(remove())
    .addCommand(fleetOperation('pause'))
    .addCommand(fleetOperation('resume'))
    .addCommand(fleetOperation('drain'))
    .addCommand(fleetOperation('terminate-all'))
    .action(async (options: Common) => {
      const client = clientFor(options);
      const fleets = await during(
        'asking',
        everyPage(
          (cursor) => client.fleets({ limit: 200, cursor }),
          (page) => page.fleets,
        ),
      );
      if (options.json) {
        printJson({ fleets });
        return;
      }
      const none =
        'There is no fleet yet: the first launch makes one, or: sortie apply -f examples/fleet.yaml';
      for (const line of fleets.length > 0 ? fleetTable(fleets, out, Date.now()) : [none]) out.line(line);
    });

const show = (): Command =>
  asking('show')
    .summary('show a fleet')
    .description('Shows a fleet: its limits and how far they are used, its instances, the runs that use it.')
    .argument('<fleet>', 'its name')
    .addHelpText('after', examples('sortie fleet show gpu', 'sortie fleet show gpu --json'))
    .action(async (name: string, options: Common) => {
      const client = clientFor(options);
      const found = await during('asking', client.fleet(name));
      if (options.json) {
        printJson(found);
        return;
      }
      const names = await runNames(client, found.pool);
      for (const line of fleetLines(found, names, out, Date.now())) out.line(line);
    });

const remove = (): Command =>
  asking('delete')
    .summary('delete a fleet')
    .description(
      'Deletes a fleet that no run uses: it takes no more runs, and its instances end. Its history stays.',
    )
    .argument('<fleet>', 'its name')
    .option('-y, --yes', 'do not ask first')
    .addHelpText('after', examples('sortie fleet delete gpu', 'sortie fleet delete gpu -y'))
    .action(async (name: string, options: Common & { readonly yes?: true }) => {
      const client = clientFor(options);
      if (!options.yes && (await confirm(`Delete fleet ${name} and end its instances?`)) === 'no') {
        err.line(`fleet ${name} stays`);
        process.exitCode = Exit.failed;
        return;
      }
      const deleted = await during('deleting', client.deleteFleet(name));
      if (options.json) printJson(deleted);
      else if (deleted.instances > 0)
        err.line(`fleet ${name} is deleted; its last instances (${deleted.instances}) end: sortie instance`);
      else err.line(`fleet ${name} is deleted`);
    });
