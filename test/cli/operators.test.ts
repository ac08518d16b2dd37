import { describe, expect, test } from 'vitest';
import { FleetSummary, InstanceList, InstanceSummary } from '../../domain/api/instance.ts';
import { RunPlan } from '../../domain/api/plan.ts';
import { recordGone } from '../../domain/coordination/end-instance.ts';
import type { InstanceId } from '../../domain/kernel/ids.ts';
import { final } from '../end-to-end/fixtures/client.ts';
import { PATIENCE_MS } from '../patience.ts';
import { given } from './sortie.ts';

const { file, client, start, world, sortie } = given();

/** One idle instance, by the id that the table shows. */
async function idle(): Promise<string> {
  file('quick.yaml', 'type: task\nname: quick\ncommands:\n  - echo quick\n');
  const { id } = await client().submit({ name: 'quick', commands: ['echo quick'] });
  await client().until(id, 'over', final);
  const [instance] = await client().instances();
  return `${instance?.ec2_id}`;
}

/** Resolves once the event has been recorded so often. */
const told = (type: string, times: number) =>
  expect
    .poll(
      () => world.sortie.store.commits.flatMap(({ events }) => events).filter((one) => one.type === type),
      { timeout: PATIENCE_MS },
    )
    .toHaveLength(times);

describe('sortie instance', () => {
  test('hold keeps an instance from jobs, and says how to let it go on; run does', async () => {
    const id = await idle();
    const held = await sortie('instance', 'hold', id, '--reason', 'looking at its disk');
    expect(held).toMatchObject({ code: 0, stdout: '' });
    expect(held.stderr).toContain(`${id} is on hold; let it go on: sortie instance run ${id}\n`);
    expect((await sortie('instance')).stdout).toMatch(/ hold +by ada: looking at its disk\n/);
    const { plan } = RunPlan.parse(JSON.parse((await sortie('plan', '-f', 'quick.yaml', '--json')).stdout));
    expect(plan.offers.filter(({ availability }) => availability === 'idle')).toEqual([]);

    expect((await sortie('instance', 'run', id)).stderr).toContain(`${id} takes jobs\n`);
    expect((await sortie('instance')).stdout).toMatch(/ run\n/);
  });

  test('an instance may be named by the beginning of its id, and --json shows it', async () => {
    const id = await idle();
    const { stdout } = await sortie('instance', 'hold', id.slice(0, -3), '--json');
    expect(InstanceSummary.parse(JSON.parse(stdout))).toMatchObject({
      ec2_id: id,
      behavior: 'hold',
      operator: { by: 'user:ada', reason: null },
    });
  });

  test('shows how much of an instance is taken where its fleet cuts it into blocks', async () => {
    file(
      'fleet.yaml',
      'type: fleet\nname: shared\nnodes: 0..1\nblocks: 4\nresources:\n  cpu: 8\n  memory: 32GB..\n',
    );
    await sortie('apply', '-f', 'fleet.yaml', '-y');
    const task =
      'type: task\nfleets: [shared]\nstop_duration: 10s\ncommands:\n  - echo begun\n  - while true; do sleep 0.05; done\n';
    file('long.yaml', task);
    const runs = [start(['apply', '-f', 'long.yaml', '-y']), start(['apply', '-f', 'long.yaml', '-y'])];
    for (const run of runs) await run.said('begun');
    const shown = await sortie('instance');
    expect(shown.stdout).toMatch(/ 2\/4 busy /);
    const { instances } = InstanceList.parse(JSON.parse((await sortie('instance', '--json')).stdout));
    expect(instances).toMatchObject([{ status: 'busy', busy_blocks: 2, total_blocks: 4 }]);
    expect(instances[0]?.jobs).toHaveLength(2);
  });

  test('kill ends it; afterwards it can be held no more', async () => {
    const id = await idle();
    expect((await sortie('instance', 'kill', id)).code).toBe(0);
    const late = await sortie('instance', 'hold', id);
    expect(late.code).toBe(1);
    expect(late.stderr).toContain('is ending or gone (ended by operator); see: sortie instance -a\n');
    const { instances } = InstanceList.parse(JSON.parse((await sortie('instance', '-a', '--json')).stdout));
    expect(instances).toMatchObject([{ reason: 'ended_by_operator' }]);
    const by = { by: 'function:react', causation: null, correlation: 'test' };
    await recordGone(world.sortie.api, by, instances[0]?.id as InstanceId, 'terminated_outside');
    expect((await sortie('instance', 'kill', id)).stderr).toContain(
      `${id} is gone; see it: sortie instance -a\n`,
    );
  });

  test('of an id that is nobody’s says how to find one', async () => {
    const { code, stderr } = await sortie('instance', 'drain', 'i-0123456789abcdef0');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'there is no instance "i-0123456789abcdef0"; list them with: sortie instance -a',
    );
  });

  test('needs a token that is known, wherever among the words it is asked for', async () => {
    const id = await idle();
    expect((await sortie('instance', 'kill', id, '--token', 'wrong')).code).toBe(3);
    expect((await sortie('instance', '--token', 'wrong', 'kill', id)).code).toBe(3);
    expect((await sortie('instance')).stdout).toContain(id);
  });
});

test('the story of a run does not tell the nonce of its instance', async () => {
  await idle();
  const { stdout } = await sortie('event', 'quick', '--json');
  expect(stdout).toContain('InstanceRequested');
  expect(stdout).not.toContain('nonce');
});

describe('sortie fleet', () => {
  test('pause keeps runs waiting, and says by whom and why; resume serves them', async () => {
    await idle();
    const paused = await sortie('fleet', 'pause', 'default', '--reason', 'kernel update');
    expect(paused.stderr).toContain('default is paused; reopen it: sortie fleet resume default\n');
    expect((await sortie('fleet')).stdout).toMatch(/ paused by ada: kernel update\n/);
    await sortie('apply', '-f', 'quick.yaml', '-y', '-d');
    expect((await sortie('ps')).stdout).toContain('fleet default is paused by ada: kernel update');

    const { stdout } = await sortie('fleet', 'resume', 'default', '--json');
    expect(FleetSummary.parse(JSON.parse(stdout)).admission.status).toBe('open');
    await told('RunFinished', 2);
  });

  test('terminate-all asks first; -y says yes beforehand', async () => {
    await idle();
    const { code, stderr } = await sortie('fleet', 'terminate-all', 'default');
    expect(code).toBe(2);
    expect(stderr).toContain('next: add -y');
    expect((await sortie('fleet', 'terminate-all', 'default', '-y')).code).toBe(0);
    await told('TerminationRequested', 1);
  });

  test('of a name that is no fleet’s says how to find one', async () => {
    const { code, stderr } = await sortie('fleet', 'drain', 'nobody');
    expect(code).toBe(1);
    expect(stderr).toContain('there is no fleet "nobody"; list them with: sortie fleet');
  });
});
