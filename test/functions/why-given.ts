import { expect, it } from 'vitest';
import { Why } from '../../domain/api/why.ts';
import { recordReport } from '../../domain/coordination/job-reports.ts';
import type { LaunchOutcome } from '../../domain/instance/cloud.ts';
import type { RunnerExit } from '../../domain/job/exit.ts';
import { attemptOf } from '../../domain/job/state.ts';
import { jobId, type RunId, submissionId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { type Given, inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { finished } from './invariants.ts';

// What the tests of `why` share: failures that are made to happen, and what `why` says then.

export const why = async (sortie: Sortie, run: RunId) => Why.parse(await sortie.get(`/v1/runs/${run}/why`));

type Class = Extract<LaunchOutcome, { kind: 'refused' }>['refusal']['class'];
export const refuses = (sortie: Sortie, refusedAs: Class, code: string) => {
  sortie.world.faults.refuse = () => ({
    kind: 'refused',
    refusal: { class: refusedAs, code, message: 'so it is' },
  });
};

const phaseIs = (sortie: Sortie, run: RunId, kind: string) => async () =>
  (await sortie.job(run)).phase.kind === kind;
export const sent = (sortie: Sortie, run: RunId) => async () => {
  const { phase } = await sortie.job(run);
  return phase.kind === 'assigned' && phase.sent !== null;
};

export async function running(sortie: Sortie, fields: Record<string, unknown> = {}): Promise<RunId> {
  const run = await sortie.submit({ commands: ['python train.py'], ...fields });
  await sortie.until('it runs', phaseIs(sortie, run, 'running'));
  return run;
}

export async function over(sortie: Sortie, run: RunId): Promise<RunId> {
  await sortie.until('over', finished(sortie, run), 150 * MINUTE);
  return run;
}

export const machineOf = (sortie: Sortie) => {
  const machine = sortie.machines().at(-1);
  if (machine === undefined) throw new Error('no machine');
  return machine;
};

/** The runner's last word on the submission under way. */
export async function exits(sortie: Sortie, run: RunId, exit: Partial<RunnerExit>): Promise<void> {
  const job = jobId(run, 0);
  const number = attemptOf(await sortie.job(run))?.submission ?? 0;
  const whole = { cause: 'commands' as const, status: null, signal: null, log_bytes: 0, message: null };
  await recordReport(
    sortie.on,
    { by: 'runner', causation: null, correlation: run },
    submissionId(job, number),
    {
      kind: 'exited',
      started_at: null,
      exit: { ...whole, ...exit },
    },
  );
}

/** A run whose commands go on for ever, whatever they are told. */
export const endless = { behaviour: { commands: null, obey: null } } as const;

/** `happens` makes it so, and names the run to ask about. */
export interface Failure {
  readonly of: string;
  readonly given?: Given;
  readonly happens: (sortie: Sortie) => Promise<RunId>;
  readonly kind: string;
  readonly says: readonly string[];
}

export function itNamesTheCause(failures: readonly Failure[]): void {
  it.each(failures)('of $of: $kind', async ({ given, happens, kind, says }) => {
    const sortie = inMemorySortie(given);
    const told = await why(sortie, await happens(sortie));
    expect(told.cause.kind).toBe(kind);
    for (const words of says) expect(told.cause.message).toContain(words);
    expect(sortie.unexpected).toEqual([]);
  });
}
