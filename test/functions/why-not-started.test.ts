import { describe } from 'vitest';
import { MINUTE, SECOND } from '../../domain/kernel/instant.ts';
import { finished } from './invariants.ts';
import { exits, itNamesTheCause, machineOf, over, refuses, running, sent } from './why-given.ts';

describe('why a run has not started', () => {
  itNamesTheCause([
    {
      of: 'no capacity anywhere',
      async happens(sortie) {
        refuses(sortie, 'capacity', 'InsufficientInstanceCapacity');
        return over(sortie, await sortie.submit());
      },
      kind: 'capacity',
      says: ['failed: 4 offers were refused', 'm6i.xlarge in us-east-1b', 'InsufficientInstanceCapacity'],
    },
    {
      of: 'a quota that is used up',
      async happens(sortie) {
        refuses(sortie, 'quota', 'VcpuLimitExceeded');
        const run = await sortie.submit();
        await sortie.pass(30 * SECOND);
        return run;
      },
      kind: 'quota',
      says: ['waiting since 12:00:00Z', 'VcpuLimitExceeded', 'place 1 of 1'],
    },
    {
      of: 'a fleet that an operator has paused',
      async happens(sortie) {
        await over(sortie, await sortie.submit());
        await sortie.post('/v1/fleets/default/pause', null, { reason: 'kernel update' });
        const run = await sortie.submit();
        await sortie.drain();
        return run;
      },
      kind: 'paused',
      says: ['fleet default is paused by alice: kernel update', 'place 1 of 1'],
    },
    {
      of: 'a launch that is not allowed',
      async happens(sortie) {
        refuses(sortie, 'fatal', 'UnauthorizedOperation');
        return over(sortie, await sortie.submit());
      },
      kind: 'refused_for_good',
      says: ['failed: EC2 refused m5.xlarge in us-east-1a', 'UnauthorizedOperation: so it is'],
    },
    {
      of: 'subnets without addresses',
      async happens(sortie) {
        refuses(sortie, 'network', 'InsufficientFreeAddressesInSubnet');
        return over(sortie, await sortie.submit());
      },
      kind: 'network',
      says: ['offers were refused', 'InsufficientFreeAddressesInSubnet'],
    },
    {
      of: 'a throttled launch',
      async happens(sortie) {
        sortie.world.faults.refuse = () => ({ kind: 'throttled', code: 'RequestLimitExceeded' });
        const run = await sortie.submit();
        await sortie.pass(30 * SECOND);
        return run;
      },
      kind: 'throttled',
      says: ['EC2 throttles launches (RequestLimitExceeded)', 'is asked for again at 12:0'],
    },
    {
      of: 'an EC2 that does not answer',
      async happens(sortie) {
        sortie.world.faults.outage = new Set(['ec2']);
        const run = await sortie.submit();
        await sortie.pass(5 * MINUTE);
        return run;
      },
      kind: 'launching',
      says: ['EC2 is asked for m5.xlarge in us-east-1a', 'since 12:00:00Z'],
    },
    {
      of: 'an instance that boots',
      given: { behaviour: { boot: 300 } },
      async happens(sortie) {
        const run = await sortie.submit();
        await sortie.pass(4 * MINUTE);
        return run;
      },
      kind: 'booting',
      says: ['instance i-', 'is booting since 12:00:00Z', 'given up at 12:10:00Z'],
    },
    {
      of: 'instances that never become ready',
      given: { behaviour: { boot: null } },
      async happens(sortie) {
        const run = await sortie.submit();
        await sortie.pass(11 * MINUTE);
        return run;
      },
      kind: 'booting',
      says: [
        'submission 0 before it failed: waiting runner limit exceeded',
        'm5.xlarge in us-east-1a was not ready',
      ],
    },
    {
      of: 'a start that SSM does not take',
      async happens(sortie) {
        const run = await sortie.submit();
        await sortie.until('it boots', () => sortie.machines()[0]?.state === 'running');
        sortie.world.faults.outage = new Set(['ssm']);
        await sortie.pass(5 * MINUTE);
        return run;
      },
      kind: 'start_not_sent',
      says: ['is ready since 12:00:20Z', 'SSM has not taken the start yet'],
    },
    {
      of: 'a command that failed',
      given: { behaviour: { reports: 'lost', commands: null } },
      async happens(sortie) {
        const run = await sortie.submit();
        await sortie.until('its start is sent', sent(sortie, run));
        const { phase } = await sortie.job(run);
        sortie.world.loseAgent(machineOf(sortie).ec2);
        await sortie.observe({
          'detail-type': 'EC2 Command Invocation Status-change Notification',
          detail: {
            'instance-id': machineOf(sortie).ec2,
            'command-id': phase.kind === 'assigned' ? (phase.sent?.command ?? '') : '',
            status: 'DeliveryTimedOut',
          },
        });
        await sortie.pass(SECOND);
        return run;
      },
      kind: 'command_failed',
      says: ['SSM command command-1', 'came to nothing (DeliveryTimedOut)', 'its disk is asked'],
    },
    {
      of: 'a runner that never reports',
      given: { behaviour: { reports: 'lost' } },
      async happens(sortie) {
        const run = await sortie.submit();
        await sortie.until('its start is sent', sent(sortie, run));
        return run;
      },
      kind: 'starting',
      says: ['told to start on i-', 'SSM command command-1', 'has not reported yet'],
    },
    {
      of: 'a bundle that cannot be fetched',
      given: { behaviour: { reports: 'lost', commands: null } },
      async happens(sortie) {
        const run = await sortie.submit();
        while (!(await finished(sortie, run)())) {
          await sortie.until('its start is sent', sent(sortie, run));
          await exits(sortie, run, { cause: 'fetch', message: 'no route to the bucket' });
        }
        return run;
      },
      kind: 'bundle_not_fetched',
      says: ['failed: it could not be started 10 times', 'no route to the bucket'],
    },
    {
      of: 'a request that nothing fits',
      happens: async (sortie) => over(sortie, await sortie.submit({ resources: { cpu: '4000..' } })),
      kind: 'no_offer_fits',
      says: ['failed: no offer fits', 'cpu'],
    },
    {
      of: 'nothing to reuse',
      happens: async (sortie) => over(sortie, await sortie.submit({ creation_policy: 'reuse' })),
      kind: 'nothing_to_reuse',
      says: ['no instance of fleet default fits', 'creation_policy is reuse'],
    },
    {
      of: 'a full fleet',
      given: { instances: 1, behaviour: { commands: null } },
      async happens(sortie) {
        await running(sortie);
        await sortie.submit({ priority: 1 });
        await sortie.submit({ priority: 7 });
        const run = await sortie.submit({ priority: 3 });
        await sortie.pass(2 * MINUTE);
        return run;
      },
      kind: 'fleet_limit',
      says: ['waiting since 12:00:', 'the fleet has its one instance, which is not free', 'place 2 of 3'],
    },
    {
      of: 'doorbells that do not ring',
      async happens(sortie) {
        sortie.bells.dead = true;
        const run = await sortie.submit();
        await sortie.pass(10 * SECOND);
        return run;
      },
      kind: 'queued',
      says: ['nobody has looked at it yet', 'sync does at 12:01:00Z at the latest'],
    },
  ]);
});
