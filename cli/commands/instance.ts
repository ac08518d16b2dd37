import type { Command } from 'commander';
import type { InstanceList } from '../../domain/api/instance.ts';
import type { Client } from '../client/client.ts';
import { everyPage } from '../client/every-page.ts';
import { instanceTable } from '../show/instances.ts';
import { err, out, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples, paged, whole } from './asking.ts';
import { instanceOperation } from './instance-operations.ts';
import { runNames } from './run-names.ts';

type Options = Common & { readonly all?: true; readonly last: number; readonly cursor?: string };

export const instance = (): Command =>
  asking('instance')
    .summary('list instances, hold, drain, run or kill one')
    .description('Lists the instances that are up, or on their way up or down.')
    .option('-a, --all', 'terminated ones too, page by page')
    .addOption(
      paged('-n, --last <count>', 'so many instances a page; implies -a')
        .argParser(whole(1, 200))
        .default(50),
    )
    .addOption(paged('--cursor <cursor>', 'the next page, as the one before says; implies -a'))
    .enablePositionalOptions()
    .addCommand(instanceOperation('hold'))
    .addCommand(instanceOperation('drain'))
    .addCommand(instanceOperation('run'))
    .addCommand(instanceOperation('kill'))
    .addHelpText('after', examples('sortie instance', 'sortie instance -a --json'))
    .action(async (options: Options) => {
      const { all, last, cursor } = options;
      const client = clientFor(options);
      const listed = await during(
        'asking',
        all ? client.instances({ status: 'all', limit: last, cursor }) : active(client),
      );
      if (options.json) {
        printJson(listed);
        return;
      }
      const { instances } = listed;
      const none = all
        ? 'There have been no instances yet.'
        : 'No instance is up. Those that were: sortie instance -a';
      const names = await runNames(client, instances);
      for (const line of instances.length > 0 ? instanceTable(instances, names, out, Date.now()) : [none])
        out.line(line);
      if (listed.next)
        err.line(err.paint.dim(`older ones: sortie instance -a -n ${last} --cursor ${listed.next}`));
    });

const active = async (client: Client): Promise<InstanceList> => ({
  instances: await everyPage(
    (cursor) => client.instances({ status: 'active', limit: 200, cursor }),
    (page) => page.instances,
  ),
});
