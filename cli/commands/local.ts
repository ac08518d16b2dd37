import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { shellWord } from '../../domain/kernel/shell-word.ts';
import { shown } from '../connection.ts';
import { currentDeployment } from '../deployments.ts';
import { environment } from '../environment.ts';
import { Exit } from '../exit.ts';
import { err, out } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { examples, whole } from './asking.ts';
import { livingOnLines, startedEmbedded } from './embedded.ts';

export const local = (): Command =>
  new Command('local')
    .summary('keep an embedded Sortie running (npm start)')
    .description(
      'Runs Sortie and an embedded AWS on this machine, until Ctrl-C. No account; nothing is billed.',
    )
    .option('--port <port>', 'where it answers on 127.0.0.1; 0: any free port', whole(0, 65_535), 3000)
    .option('--data <folder>', 'where it keeps everything', environment.SORTIE_DATA ?? '.sortie')
    .addHelpText('after', examples('npm start', 'npm start -- --port 3001 --data .sortie-2'))
    .action(async ({ port, data }: { readonly port: number; readonly data: string }) => {
      const dataDir = resolve(data);
      const asked = stopAsked();
      const embedded = await startedEmbedded(port, dataDir);
      for (const line of banner(dataDir, data, embedded.url)) out.line(line);
      out.line(`ready ${embedded.url}`);
      await asked;
      const left = embedded.livingOn();
      await during('stopping; Ctrl-C again ends it at once', embedded.close());
      for (const line of livingOnLines(left, data)) err.line(line);
    });

function banner(dataDir: string, data: string, url: string): string[] {
  // Commands go to the deployment that was made last, unless they are told.
  const elsewhere = data === '.sortie' && currentDeployment() === undefined ? '' : ` --data ${data}`;
  return [
    'Sortie, on an embedded AWS: everything runs here. The prices shown are EC2’s; nothing is billed.',
    `token: ${shown(join(dataDir, 'token'))}   data: ${shown(dataDir)}   API: ${url}/v1/openapi.json`,
    `next, in another terminal: sortie apply -f examples/hello.yaml${elsewhere}   (no sortie? npm install -g .)`,
    'from any other folder:',
    `  export SORTIE_DATA=${shellWord(dataDir)}`,
  ];
}

/** Resolves at the first Ctrl-C or SIGTERM. The second one ends the process: what runs here is made to be killed. */
function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    let asked = 0;
    const ask = () => {
      asked += 1;
      if (asked > 1) process.exit(Exit.detached);
      if (err.live) err.line();
      resolve();
    };
    process.on('SIGINT', ask);
    process.on('SIGTERM', ask);
  });
}
