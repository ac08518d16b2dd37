import { expect, it } from 'vitest';
import { recordReport } from '../../domain/coordination/job-reports.ts';
import { SubmissionId } from '../../domain/kernel/ids.ts';
import { inMemorySortie } from './in-memory-sortie.ts';

it('a runner that never came by its bundle says nothing of the job: it goes back to the queue as a new submission', async () => {
  const sortie = inMemorySortie({ behaviour: { reports: 'lost', commands: 1_200 } });
  const run = await sortie.submit();
  await sortie.until('its start is sent', async () => {
    const { phase } = await sortie.job(run);
    return phase.kind === 'assigned' && phase.sent !== null;
  });
  const exit = {
    cause: 'fetch' as const,
    status: null,
    signal: null,
    log_bytes: 0,
    message: 'no route to the bucket',
  };
  const provenance = { by: 'a test', causation: null, correlation: run };
  await recordReport(sortie.on, provenance, SubmissionId.parse(`${run}-0-0`), {
    kind: 'exited',
    started_at: null,
    exit,
  });
  const job = await sortie.job(run);
  expect(job).toMatchObject({ submission: 1, phase: { kind: 'waiting' } });
  expect(job.past).toMatchObject([{ started_at: null, message: 'no route to the bucket' }]);
  expect((await sortie.instances())[0]?.phase.kind).toBe('idle');
});
