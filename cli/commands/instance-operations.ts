import type { Command } from 'commander';
import type { InstanceSummary } from '../../domain/api/instance.ts';
import type { InstanceOperation } from '../../domain/api/operation.ts';
import { err, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { asking, type Common, clientFor, examples } from './asking.ts';

type Options = Common & { readonly reason?: string };

type Status = InstanceSummary['status'];

const words: Record<
  InstanceOperation,
  { summary: string; because: string; now: (shown: string, status: Status) => string }
> = {
  hold: {
    summary: 'give it no new job, and keep it',
    because: 'looking at its disk',
    now: (shown) => `${shown} is on hold; let it go on: sortie instance run ${shown}`,
  },
  drain: {
    summary: 'give it no new job, and end it once it has none',
    because: 'kernel update',
    now: (shown) => `${shown} ends as soon as it has no job; see it go: sortie instance`,
  },
  run: {
    summary: 'give it jobs again',
    because: 'its disk is well',
    now: (shown) => `${shown} takes jobs`,
  },
  kill: {
    summary: 'end it now, and interrupt its job',
    because: 'it hangs',
    now: (shown, status) =>
      status === 'terminated'
        ? `${shown} is gone; see it: sortie instance -a`
        : `${shown} is being ended; see it go: sortie instance`,
  },
};

/** `sortie instance hold`, and the like. */
export const instanceOperation = (operation: InstanceOperation): Command =>
  asking(operation)
    .summary(words[operation].summary)
    .description(`Instance: ${words[operation].summary}.`)
    .argument('<instance>', "its id, EC2's, or the beginning of either")
    .option('--reason <text>', 'why, for whoever wonders later')
    .addHelpText(
      'after',
      examples(`sortie instance ${operation} i-0123456789abcdef0 --reason "${words[operation].because}"`),
    )
    .action(async (id: string, _: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const asked = clientFor(options).operateInstance(id, operation, options.reason ?? null);
      const instance = await during('asking', asked);
      if (options.json) printJson(instance);
      else err.line(words[operation].now(shownId(instance), instance.status));
    });

const shownId = ({ ec2_id, id }: InstanceSummary): string => ec2_id ?? id;
