import { expect, it } from 'vitest';
import { jobId, submissionId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { inMemorySortie, type Sortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const silent = { reports: 'lost' as const, commands: 1_200 };

async function sent(sortie: Sortie) {
  const run = await sortie.submit();
  await sortie.until('its start is sent', async () => {
    const { phase } = await sortie.job(run);
    return phase.kind === 'assigned' && phase.sent !== null;
  });
  return run;
}

const failure = (ec2: string, command: string) => ({
  'detail-type': 'EC2 Command Invocation Status-change Notification' as const,
  detail: { 'instance-id': ec2, 'command-id': command, status: 'Failed' },
});

it('a start that SSM calls failed is looked after at once, from the disk', async () => {
  const sortie = inMemorySortie({ behaviour: silent });
  const run = await sent(sortie);
  const { phase } = await sortie.job(run);
  const command = phase.kind === 'assigned' ? (phase.sent?.command ?? '') : '';
  const { ec2 } = sortie.machines()[0] ?? { ec2: '' };
  sortie.world.started(ec2, submissionId(jobId(run, 0), 0));
  await sortie.observe(failure(ec2, command));
  await sortie.pass(1_000);
  expect((await sortie.job(run)).phase.kind).toBe('running');
  expect([...sortie.starts]).toEqual([[`${run}-0-0`, 1]]);
  await expectSound(sortie);
});

it('a running job of which the disk knows nothing any more is lost, and never started again', async () => {
  const sortie = inMemorySortie({ behaviour: silent });
  const run = await sent(sortie);
  await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
  sortie.machines()[0]?.submissions.clear();
  await sortie.until('over', finished(sortie, run));
  expect((await sortie.job(run)).phase).toMatchObject({ status: 'failed', reason: 'instance_unreachable' });
  expect(sortie.starts.get(`${run}-0-0`)).toBe(1);
  await sortie.pass(2 * MINUTE);
  await expectSound(sortie);
});

it('a start of which the disk knows nothing is sent again, and that is recorded', async () => {
  const sortie = inMemorySortie({ behaviour: { commands: 60 } });
  const run = await sortie.submit();
  await sortie.until('launched', () => sortie.machines().length === 1);
  const { ec2 } = sortie.machines()[0] ?? { ec2: '' };
  sortie.world.faults.fullDisks = new Set([ec2]);
  const started = () => sortie.told('Job').filter((type) => /^Start(Sent|Repeated)$/.test(type));
  await sortie.until('sent twice', () => started().length === 2);
  expect(started()).toEqual(['StartSent', 'StartRepeated']);
  const { chain } = (await sortie.get(`/v1/runs/${run}/why`)) as { chain: { what: string }[] };
  expect(chain.map(({ what }) => what)).toContainEqual(
    expect.stringContaining('start of submission 0 sent again, as its instance knew nothing of it'),
  );
  sortie.world.faults.fullDisks = new Set();
  await sortie.until('done', finished(sortie, run));
  expect(sortie.starts.get(`${run}-0-0`)).toBe(1);
  await expectSound(sortie);
});

it('a runner that lives has not begun the commands before its disk says so', async () => {
  const sortie = inMemorySortie({ behaviour: silent });
  const run = await sent(sortie);
  const { phase } = await sortie.job(run);
  const { ec2, submissions } = sortie.machines()[0] ?? { ec2: '', submissions: new Map() };
  const own = submissions.get(submissionId(jobId(run, 0), 0));
  // As while its node is checked.
  if (own) own.started_at = null;
  await sortie.observe(failure(ec2, phase.kind === 'assigned' ? (phase.sent?.command ?? '') : ''));
  await sortie.pass(1_000);
  expect((await sortie.job(run)).phase.kind).toBe('assigned');
  expect(sortie.told('Job')).not.toContain('SubmissionStarted');
});
