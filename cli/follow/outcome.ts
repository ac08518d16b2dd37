import { constants } from 'node:os';
import type { RunDetail } from '../../domain/api/run.ts';
import { Exit } from '../exit.ts';
import { termsOfAll } from '../show/offer.ts';
import type { Paint } from '../terminal/output.ts';
import { elapsed } from '../terminal/units.ts';

/** What `apply` exits with: 0 for done, the commands' own status where they failed, else 1. */
export function exitOf(run: RunDetail): number {
  if (run.status === 'done') return Exit.ok;
  const ends = run.jobs.flatMap(({ submissions }) => submissions.at(-1) ?? []);
  const last = ends.find(({ status }) => status === 'failed') ?? ends.find(({ status }) => status !== 'done');
  if (last?.termination_reason !== 'container_exited_with_error') return Exit.failed;
  // As shells do: a signal is 128 and its number.
  const signal = last.signal === null ? undefined : constants.signals[last.signal as NodeJS.Signals];
  return last.exit_status || (signal === undefined ? Exit.failed : 128 + signal);
}

/** How the run ended, and the command that tells more. */
export function outcomeLines(run: RunDetail, paint: Paint): string[] {
  const took = elapsed(Date.parse(run.finished_at ?? run.submitted_at) - Date.parse(run.submitted_at));
  const offers = run.jobs.flatMap(({ submissions }) => submissions.at(-1)?.offer ?? []);
  if (run.status === 'done') {
    const on = offers.length > 0 ? `, on ${termsOfAll(offers)}` : '';
    return [paint.green(`${run.name} is done, in ${took}${on}`)];
  }
  const job =
    run.jobs.find(({ status }) => status === 'failed') ??
    run.jobs.find(({ status }) => status !== 'done') ??
    run.jobs[0];
  const last = job?.submissions.at(-1);
  const tries = job?.submissions.length ?? 1;
  const ofHowMany = tries > 1 ? `, in the last of ${tries} submissions` : '';
  const message = job?.message ?? last?.message;
  const ofNodes = run.jobs.length > 1 ? run.message : null;
  const why =
    ofNodes ??
    (last?.termination_reason === 'container_exited_with_error'
      ? `its commands ended with ${last.signal ?? `exit status ${last.exit_status}`}${ofHowMany}`
      : (message ?? run.termination_reason?.replaceAll('_', ' ') ?? 'nobody said why'));
  const colour = run.status === 'failed' ? paint.red : paint.yellow;
  return [
    colour(`${run.name} ${run.status === 'failed' ? 'failed' : `was ${run.status}`} after ${took}: ${why}`),
    paint.dim(`what happened: sortie why ${run.name}`),
  ];
}
