import { Command } from 'commander';
import type { EmbeddedTable } from '../../infra/dynamodb/verify-table.ts';
import { endpoints, readData, type Target } from '../connection.ts';
import { environment } from '../environment.ts';
import { Exit, Failure, usage } from '../exit.ts';
import { liveLine } from '../terminal/live-line.ts';
import { err, out, printJson } from '../terminal/output.ts';
import { cut } from '../terminal/table.ts';
import { counted } from '../terminal/units.ts';
import { examples, withJson } from './asking.ts';

type Options = Pick<Target, 'data'> & { readonly json?: true; readonly table?: string };

export const verify = (): Command =>
  withJson(new Command('verify'))
    .summary('prove that every state is what its events say')
    .description(
      "Refolds every stream from its commits and compares it with its head, byte for byte. Reads the embedded Sortie's table; with --table one on AWS, with the SDK's own credentials.",
    )
    .option('--table <name>', 'a table on AWS (SORTIE_TABLE)')
    .option('--data <folder>', "the embedded Sortie's data (SORTIE_DATA; else .sortie)")
    .addHelpText('after', examples('sortie verify', 'AWS_PROFILE=work sortie verify --table sortie-prod'))
    .action(async (options: Options) => {
      const found = await verified(await placeOf(options));
      if (options.json) printJson(found);
      else {
        for (const { stream, part, stored, expected } of found.mismatches) {
          out.line(`${stream}  ${part}: stored   ${cut(stored, 400)}`);
          out.line(`${' '.repeat(stream.length)}  ${part}: expected ${cut(expected, 400)}`);
        }
        const read = `${counted(found.streams, 'stream')}, ${counted(found.commits, 'commit')}`;
        if (found.outdated > 0)
          out.line(
            `${counted(found.outdated, 'head')} of another version: folded anew from the events whenever read, written anew with the next one`,
          );
        const wrong = counted(found.mismatches.length, 'mismatch', 'mismatches');
        out.line(
          found.mismatches.length === 0 ? `${read}: every head is what its events say` : `${read}: ${wrong}`,
        );
      }
      process.exitCode = found.mismatches.length === 0 ? Exit.ok : Exit.failed;
    });

type Place = { readonly table: string; readonly embedded?: EmbeddedTable };

async function placeOf(options: Options): Promise<Place> {
  const table = options.table ?? environment.SORTIE_TABLE;
  if (table !== undefined) return { table };
  const embedded = endpoints(options);
  if (embedded !== undefined) {
    const { credentialsIn } = await import('../../infra/local/data-folder.ts');
    const credentials = credentialsIn(readData(options, 'credentials') ?? '');
    if (credentials !== undefined)
      return { table: embedded.table, embedded: { endpoint: embedded.dynamodb, credentials } };
    throw usage('the data folder has no AWS credentials in it', 'start that Sortie anew: npm start');
  }
  throw usage(
    'there is no embedded Sortie here to verify',
    'start it with: npm start; or name a table on AWS: sortie verify --table NAME',
  );
}

async function verified(place: Place) {
  // Only here, as it loads the AWS client.
  const { verifyTable } = await import('../../infra/dynamodb/verify-table.ts');
  const live = liveLine(err);
  try {
    return await verifyTable(place, (streams) => live.show(() => `verifying… ${counted(streams, 'stream')}`));
  } catch (error) {
    const { name, message } = error as Error;
    const where = place.embedded?.endpoint ?? 'AWS';
    throw new Failure(`cannot read table ${place.table} at ${where}: ${message || name}`, {
      exit: Exit.unreachable,
      next:
        place.embedded === undefined
          ? 'check AWS_PROFILE and AWS_REGION, and the name of the table'
          : 'is Sortie running? start it with: npm start',
    });
  } finally {
    live.end();
  }
}
