import { describe } from 'vitest';
import { endless, exits, itNamesTheCause, machineOf, over, running, sent } from './why-given.ts';

const warning = (ec2: string) => ({
  'detail-type': 'EC2 Spot Instance Interruption Warning' as const,
  detail: { 'instance-id': ec2 },
});

describe('why a run ended', () => {
  itNamesTheCause([
    {
      of: 'ten instances that never become ready',
      given: { behaviour: { boot: null } },
      happens: async (sortie) => over(sortie, await sortie.submit()),
      kind: 'never_ready',
      says: ['failed: no instance became ready: 10 starts failed in a row: m'],
    },
    {
      of: 'a job that cannot be set up',
      given: endless,
      async happens(sortie) {
        const run = await sortie.submit();
        await sortie.until('its start is sent', sent(sortie, run));
        await exits(sortie, run, { cause: 'setup', message: 'there is no user nobody2' });
        return run;
      },
      kind: 'setup_failed',
      says: ['set-up failed, on m5.xlarge in us-east-1a', '/h: there is no user nobody2'],
    },
    {
      of: 'commands that fail',
      given: { behaviour: { status: 3 } },
      happens: async (sortie) => over(sortie, await running(sortie)),
      kind: 'exit_status',
      says: ['failed: exit status 3 of `python train.py`', 'on m5.xlarge in us-east-1a'],
    },
    {
      of: 'one of the commands, which the runner names',
      given: endless,
      async happens(sortie) {
        const run = await running(sortie);
        await exits(sortie, run, { status: 1, message: '`false` (command 2 of 3) exited 1' });
        return run;
      },
      kind: 'exit_status',
      says: ['failed: `false` (command 2 of 3) exited 1, on m5.xlarge in us-east-1a'],
    },
    {
      of: 'commands that fail whenever they are tried again',
      given: { behaviour: { commands: 1, status: 3 } },
      happens: async (sortie) => over(sortie, await running(sortie, { retry: { duration: '5m' } })),
      kind: 'exit_status',
      says: ['failed: exit status 3 of `python train.py`', ', after 4 retries'],
    },
    {
      of: 'commands that failed and are to be tried again',
      given: { behaviour: { commands: 1, status: 3 } },
      async happens(sortie) {
        const run = await running(sortie, { retry: true });
        await sortie.until('it waits', async () => (await sortie.job(run)).phase.kind === 'backing_off');
        return run;
      },
      kind: 'retry',
      says: [
        'waiting since',
        'after exit status 3; submission 0 before it failed: container exited with error',
      ],
    },
    {
      of: 'commands that are killed',
      given: endless,
      async happens(sortie) {
        const run = await running(sortie);
        await exits(sortie, run, { signal: 'SIGKILL' });
        return run;
      },
      kind: 'signal',
      says: ['failed: SIGKILL ended `python train.py`'],
    },
    {
      of: 'commands that take too long',
      given: endless,
      async happens(sortie) {
        const run = await running(sortie, { max_duration: '10m' });
        await exits(sortie, run, { cause: 'max_duration', status: 143 });
        return run;
      },
      kind: 'max_duration',
      says: ['terminated: stopped at its max_duration of 600 s'],
    },
    {
      of: 'a user who stops it',
      given: { behaviour: { commands: null, obey: 5 } },
      async happens(sortie) {
        const run = await running(sortie);
        await sortie.stop(run, 'graceful');
        return over(sortie, run);
      },
      kind: 'stopped_by_user',
      says: ['terminated: alice stopped it'],
    },
    {
      of: 'commands that do not obey a stop',
      given: endless,
      async happens(sortie) {
        const run = await running(sortie, { stop_duration: '30s' });
        await sortie.stop(run, 'graceful');
        return over(sortie, run);
      },
      kind: 'stopped_by_user',
      says: ['alice stopped it', 'had not ended when the stop was overdue'],
    },
    {
      of: 'a user who aborts it',
      given: endless,
      async happens(sortie) {
        const run = await running(sortie);
        await sortie.stop(run, 'abort');
        return over(sortie, run);
      },
      kind: 'aborted_by_user',
      says: ['aborted: alice aborted it'],
    },
    {
      of: 'a spot interruption',
      given: { behaviour: { commands: null, obey: 20 } },
      async happens(sortie) {
        const run = await running(sortie);
        await sortie.observe(warning(machineOf(sortie).ec2));
        return over(sortie, run);
      },
      kind: 'spot_interruption',
      says: ['failed: EC2 took its spot instance back'],
    },
    {
      of: 'an instance that vanishes',
      given: endless,
      async happens(sortie) {
        const run = await running(sortie);
        const { ec2 } = machineOf(sortie);
        const { list } = sortie.on.cloud;
        (sortie.on.cloud as { list: typeof list }).list = async () =>
          (await list()).filter((one) => one.ec2 !== ec2);
        sortie.world.end(ec2);
        return over(sortie, run);
      },
      kind: 'vanished',
      says: ["failed: its instance vanished from EC2's listing"],
    },
    {
      of: 'an instance that somebody else terminates',
      given: endless,
      async happens(sortie) {
        const run = await running(sortie);
        sortie.world.end(machineOf(sortie).ec2);
        return over(sortie, run);
      },
      kind: 'terminated_outside',
      says: ['failed: its instance was terminated from outside Sortie'],
    },
    {
      of: 'an instance that an operator kills',
      given: endless,
      async happens(sortie) {
        const run = await running(sortie);
        const { ec2 } = machineOf(sortie);
        await sortie.post(`/v1/instances/${ec2}/kill`, null, { reason: 'wrong image' });
        return over(sortie, run);
      },
      kind: 'ended_by_operator',
      says: ['failed: its instance was killed by alice: wrong image'],
    },
    {
      of: 'a runner that dies',
      given: { behaviour: { reports: 'lost', commands: null } },
      async happens(sortie) {
        const run = await running(sortie);
        const placed = machineOf(sortie).submissions.get(`${run}-0-0`);
        if (placed) placed.state = 'lost';
        return over(sortie, run);
      },
      kind: 'runner_lost',
      says: ['failed: the runner was lost', 'without an exit status'],
    },
  ]);
});
