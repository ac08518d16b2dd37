import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type Client, clientOf } from '../client/client.ts';
import { configurationIn } from '../configuration.ts';
import { err } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { followed, submitted } from './apply.ts';
import { examples } from './common.ts';
import { startedEmbedded } from './embedded.ts';
import { planOf, shownPlan } from './plan.ts';

const HELLO = fileURLToPath(new URL('../../examples/hello.yaml', import.meta.url));
const OFFERS = 5;

export const demo = (): Command =>
  new Command('demo')
    .summary('see it work: an embedded Sortie, one run, and gone again (npm run demo)')
    .description(
      'Starts an embedded Sortie in a temporary folder, submits examples/hello.yaml, follows it to its end, and removes it all.',
    )
    .addHelpText('after', examples('npm run demo'))
    .action(async () => {
      // A folder of its own: the demo neither finds nor leaves anything of a Sortie that is in use.
      const dataDir = await mkdtemp(join(tmpdir(), 'sortie-demo-'));
      try {
        const embedded = await startedEmbedded(0, dataDir);
        try {
          err.line(
            'Sortie, on an embedded AWS: everything runs here. The prices shown are EC2’s; nothing is billed.',
          );
          process.exitCode = await shownRun(clientOf(embedded));
        } finally {
          await during('stopping', embedded.close());
        }
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
      err.line('Keep one running: npm start   Then: npx sortie apply -f examples/hello.yaml');
    });

async function shownRun(client: Client): Promise<number> {
  err.line('$ sortie apply -f examples/hello.yaml -y');
  const configuration = await configurationIn(HELLO);
  const planned = await planOf(client, configuration);
  for (const line of shownPlan(planned, err, OFFERS)) err.line(line);
  err.line();
  return followed(client, await submitted(client, configuration), 'as it comes');
}
