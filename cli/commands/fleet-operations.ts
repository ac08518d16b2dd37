import type { Command } from 'commander';
import type { FleetOperation } from '../../domain/api/operation.ts';
import { Exit } from '../exit.ts';
import { confirm } from '../terminal/confirm.ts';
import { err, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';

type Options = Common & { readonly reason?: string; readonly yes?: true };

const words: Record<FleetOperation, { summary: string; now: (fleet: string) => string }> = {
  pause: {
    summary: 'place no job and launch nothing; what runs goes on',
    now: (fleet) => `${fleet} is paused; reopen it: sortie fleet resume ${fleet}`,
  },
  resume: {
    summary: 'take jobs again',
    now: (fleet) => `${fleet} takes jobs`,
  },
  drain: {
    summary: 'pause it, and end each instance once it has no job',
    now: (fleet) => `${fleet} is paused and its instances drain; reopen it: sortie fleet resume ${fleet}`,
  },
  'terminate-all': {
    summary: 'pause it, end its instances now, and interrupt their jobs',
    now: (fleet) => `${fleet} is paused and its instances are ended; reopen it: sortie fleet resume ${fleet}`,
  },
};

/** `sortie fleet pause`, and the like. */
export function fleetOperation(operation: FleetOperation): Command {
  const asks = operation === 'terminate-all';
  const command = asking(operation)
    .summary(words[operation].summary)
    .description(`Fleet: ${words[operation].summary}.`)
    .argument('<fleet>', 'its name')
    .option('--reason <text>', 'why, for those who wait and whoever wonders later')
    .addHelpText('after', examples(`sortie fleet ${operation} default${asks ? ' -y' : ''}`));
  if (asks) command.option('-y, --yes', 'do not ask first');
  return command.action(async (name: string) => {
    const options = command.optsWithGlobals<Options>();
    if (asks && !options.yes && (await confirm(`End all instances of ${name}, and their jobs?`)) === 'no') {
      err.line(`${name} goes on`);
      process.exitCode = Exit.failed;
      return;
    }
    const asked = clientFor(options).operateFleet(name, operation, options.reason ?? null);
    const fleet = await during('asking', asked);
    if (options.json) printJson(fleet);
    else err.line(words[operation].now(fleet.name));
  });
}
