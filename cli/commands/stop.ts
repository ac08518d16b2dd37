import type { Command } from 'commander';
import type { Client } from '../client/client.ts';
import { Exit } from '../exit.ts';
import { follow } from '../follow/follow.ts';
import { interruptible } from '../interrupt.ts';
import { confirm } from '../terminal/confirm.ts';
import { err, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { elapsed } from '../terminal/units.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';

type Options = Common & { readonly abort?: true; readonly yes?: true; readonly detach?: true };

export const stop = (): Command =>
  asking('stop')
    .summary('stop a run')
    .description(
      'Stops a run and waits for its end: TERM, then KILL after its stop_duration. With -x at once, and its instance with it.',
    )
    .argument('<run>', 'its name, its id or the beginning of that')
    .option('-x, --abort', 'do not give the commands time to end')
    .option('-y, --yes', 'do not ask first')
    .option('-d, --detach', 'do not wait for its end')
    .addHelpText('after', examples('sortie stop hello', 'sortie stop hello -x -y'))
    .action(async (name: string, options: Options) => {
      const client = clientFor(options);
      const verb = options.abort ? 'Abort' : 'Stop';
      if (!options.yes && (await confirm(`${verb} ${name}?`)) === 'no') {
        err.line(`${name} goes on`);
        process.exitCode = Exit.failed;
        return;
      }
      const mode = options.abort ? 'abort' : 'graceful';
      const asked = await interruptible((signal) => during('stopping', client.stop(name, mode, { signal })));
      if (asked === 'interrupted') {
        const again = `sortie stop ${name}${options.abort ? ' -x' : ''}`;
        err.line(`${name} may have been told to stop, or not; see: sortie ps; twice does no harm: ${again}`);
        process.exitCode = Exit.detached;
        return;
      }
      const run = options.detach ? asked : await ended(client, asked.id);
      if (run === 'interrupted') {
        err.line(`${asked.name} is told to stop; see how far it is: sortie ps`);
        process.exitCode = Exit.detached;
        return;
      }
      if (options.json) printJson(run);
      else if (run.finished_at === null)
        err.line(`${run.name} is told to stop; see how far it is: sortie ps`);
      else
        err.line(`${run.name} ${run.status === 'done' ? 'is done' : `was ${run.status}`}, after ${age(run)}`);
    });

const ended = (client: Client, id: string) =>
  interruptible((signal) => follow(client, id, { states: err, logs: null, signal }));

const age = ({ submitted_at, finished_at }: { submitted_at: string; finished_at: string | null }): string =>
  elapsed(Date.parse(finished_at ?? submitted_at) - Date.parse(submitted_at));
