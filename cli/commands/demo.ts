import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type Client, clientOf } from '../client/client.ts';
import { configurationIn } from '../configuration.ts';
import { Exit } from '../exit.ts';
import { interruptible } from '../interrupt.ts';
import { err } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { followed, submitted } from './apply.ts';
import { examples } from './asking.ts';
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
      err.line(
        'Sortie, on an embedded AWS: everything runs here. The prices shown are EC2’s; nothing is billed.',
      );
      const shown = await interruptible(inFolderOfItsOwn);
      process.exitCode = shown === 'interrupted' ? Exit.detached : shown;
      if (shown === Exit.ok)
        err.line(
          'Keep one running: npm start   Then: npm install -g . && sortie apply -f examples/hello.yaml',
        );
    });

/** So that the demo neither finds nor leaves anything of a Sortie that is in use. */
async function inFolderOfItsOwn(signal: AbortSignal): Promise<number> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sortie-demo-'));
  try {
    const embedded = await startedEmbedded(0, dataDir);
    try {
      return signal.aborted
        ? Exit.detached
        : await shownRun(clientOf({ ...embedded, unanswered: 'npm run demo' }));
    } finally {
      await during('stopping', embedded.close('end'));
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function shownRun(client: Client): Promise<number> {
  err.line('$ sortie apply -f examples/hello.yaml -y');
  const configuration = await configurationIn(HELLO);
  const planned = await planOf(client, configuration);
  for (const line of shownPlan(planned, err, { maxOffers: OFFERS })) err.line(line);
  err.line();
  const run = await submitted(client, configuration);
  return followed(client, run, { show: 'output', left: `${run.name} ends with the demo` });
}
