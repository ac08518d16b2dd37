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

interface Options {
  readonly port: number;
  readonly data: string;
  readonly home?: true;
}

export const local = (): Command =>
  new Command('local')
    .summary('keep an embedded Sortie running (npm start)')
    .description(
      'Runs Sortie and an embedded AWS on this machine, until Ctrl-C. No account; nothing is billed.',
    )
    .option('--port <port>', 'where it answers on 127.0.0.1; 0: any free port', whole(0, 65_535), 3000)
    .option('--data <folder>', 'where it keeps everything', environment.SORTIE_DATA ?? '.sortie')
    .option('--home', 'jobs see your home folder, which is hidden from them otherwise')
    .addHelpText('after', examples('npm start', 'npm start -- --port 3001 --data .sortie-2'))
    .action(async ({ port, data, home }: Options) => {
      const dataDir = resolve(data);
      const asked = stopAsked();
      const embedded = await startedEmbedded(port, dataDir, home ? 'shown' : 'hidden');
      const reach = jobsReach(embedded.aws.ec2.sandbox, home ? 'shown' : 'hidden');
      for (const line of [...banner(dataDir, data, embedded.url), reach]) out.line(line);
      out.line(`ready ${embedded.url}`);
      await asked;
      const left = embedded.livingOn();
      await during('stopping; Ctrl-C again ends it at once', embedded.close());
      for (const line of livingOnLines(left, data)) err.line(line);
    });

/** In one sentence. Of the sandboxes bubblewrap alone can hide files. */
function jobsReach(sandbox: string, home: 'shown' | 'hidden'): string {
  if (sandbox !== 'bwrap')
    return 'jobs run as you, and reach your files and this Sortie’s data: apt-get install bubblewrap hides those from them';
  return home === 'shown'
    ? 'jobs run as you, with your home folder; Sortie’s data is hidden from them'
    : 'jobs run as you; your home folder and Sortie’s data are hidden from them (--home shows them your home)';
}

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
