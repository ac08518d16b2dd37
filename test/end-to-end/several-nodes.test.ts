import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RunDetail } from '../../domain/api/run.ts';
import { final } from './fixtures/client.ts';
import { embeddedForFile } from './fixtures/embedded.ts';
import { typed } from './fixtures/typed.ts';

// A retry is 15 seconds away, and may be a minute of `sync` further.
const on = embeddedForFile({ clockRate: 8 });
const sortie = (...args: string[]) => typed(on.sortie, ...args);

test('three nodes exchange data over the addresses in their variables', async () => {
  const applied = await sortie('apply', '-f', 'examples/allreduce.yaml', '-y');
  expect(applied).toMatchObject({ code: 0 });
  const { stdout } = await sortie('logs', 'allreduce');
  expect(stdout.split('\n').filter(Boolean).sort()).toEqual([
    'node 0 | 1 here, 111 in all',
    'node 1 | 10 here, 111 in all',
    'node 2 | 100 here, 111 in all',
  ]);
  const { stdout: table } = await sortie('ps', '-a');
  expect(table).toMatch(
    /^allreduce +done .*\n└ node 0 +done \(0\).*\n└ node 1 +done \(0\).*\n└ node 2 +done \(0\)/m,
  );
});

const shared = mkdtempSync(join(tmpdir(), 'sortie-nodes-'));
afterAll(() => rmSync(shared, { recursive: true }));

async function finished(configuration: object): Promise<RunDetail> {
  const { id } = await on.client.submit(configuration);
  return on.client.until(id, 'over', final);
}

test('each group has the machines that it asks for, and runs its own commands', async () => {
  const run = await finished({
    groups: [
      {
        name: 'head',
        nodes: 1,
        resources: { cpu: 4, memory: '1GB..' },
        commands: ['echo "head, the last worker is ${{ groups[1].nodes[1].IP_ADDRESS }}"'],
      },
      {
        name: 'workers',
        nodes: 2,
        resources: { cpu: 2, memory: '1GB..' },
        commands: ['echo "worker, the head is $SORTIE_MASTER_NODE_IP"'],
      },
    ],
  });
  expect(run).toMatchObject({ status: 'done', termination_reason: 'all_jobs_done' });
  const cpus = run.jobs.map(({ submissions }) => submissions.at(-1)?.offer?.resources.cpus);
  expect(cpus).toEqual([4, 2, 2]);
  const { stdout } = await sortie('logs', run.id);
  const [head, ...workers] = stdout.split('\n').filter(Boolean).sort();
  expect(head).toMatch(/^node 0 \| head, the last worker is [\d.]+$/);
  expect(workers).toEqual(
    [1, 2].map((n) => expect.stringMatching(`^node ${n} \\| worker, the head is [\\d.]+$`)),
  );
});

test('where one node fails, the others are stopped, and all are tried again as `retry` says', async () => {
  const run = await finished({
    nodes: 3,
    resources: { cpu: 2, memory: '1GB..' },
    retry: { on_events: ['error'], duration: '1h' },
    commands: [
      `cd ${shared}`,
      'case $SORTIE_SUBMISSION_ID in *-1) echo "again on $SORTIE_NODE_RANK"; exit 0;; esac',
      'if [ $SORTIE_NODE_RANK = 1 ]; then until [ -e 0 -a -e 2 ]; do sleep 0.05; done; exit 3; fi',
      'trap "echo told to stop; exit 0" TERM',
      'touch $SORTIE_NODE_RANK',
      'while :; do sleep 0.05; done',
    ],
  });
  expect(run).toMatchObject({ status: 'done', termination_reason: 'all_jobs_done' });
  const tries = run.jobs.map(({ submissions }) =>
    submissions.map(({ number, termination_reason, exit_status }) => [
      number,
      termination_reason,
      exit_status,
    ]),
  );
  expect(tries).toEqual([
    [
      [0, 'terminated_by_server', 0],
      [1, 'done_by_runner', 0],
    ],
    [
      [0, 'container_exited_with_error', 3],
      [1, 'done_by_runner', 0],
    ],
    [
      [0, 'terminated_by_server', 0],
      [1, 'done_by_runner', 0],
    ],
  ]);
  const { stdout } = await sortie('logs', run.id);
  const said = stdout.split('\n').filter((line) => / (told|again) /.test(line));
  expect(said.sort()).toEqual([
    'node 0 | again on 0',
    'node 0 | told to stop',
    'node 1 | again on 1',
    'node 2 | again on 2',
    'node 2 | told to stop',
  ]);
});

test('a node that fails the check of its fleet is drained with what it said, and the run begins on others', async () => {
  const fleet = join(shared, 'checked.yaml');
  const script = `if mkdir ${shared}/ill; then echo no data here; exit 4; fi 2>/dev/null`;
  const health = { checks: [], script };
  writeFileSync(fleet, JSON.stringify({ type: 'fleet', name: 'checked', nodes: '0..4', health }));
  expect(await sortie('apply', '-f', fleet, '-y')).toMatchObject({ code: 0 });
  const run = await finished({
    ...{ nodes: 2, fleets: ['checked'], resources: { cpu: 2, memory: '1GB..' } },
    commands: ['echo "begun on $SORTIE_NODE_RANK"'],
  });
  expect(run).toMatchObject({ status: 'done', termination_reason: 'all_jobs_done' });
  const { stdout: said } = await sortie('logs', run.id);
  expect(said.split('\n').filter(Boolean).sort()).toEqual(['node 0 | begun on 0', 'node 1 | begun on 1']);

  const checked = (await on.client.instances()).filter((one) => one.fleet === 'checked');
  expect(checked.map((one) => one.health).sort()).toEqual(['failed', 'passed', 'passed']);
  const ill = checked.find((one) => one.health === 'failed');
  const operator = { by: 'sortie', reason: 'script: no data here (ended with status 4)' };
  expect(ill).toMatchObject({ behavior: 'drain', operator });
  const tries = run.jobs.flatMap(({ submissions }) => submissions);
  expect(tries.filter(({ started_at }) => started_at === null).map(({ instance }) => instance)).toEqual([
    ill?.id,
  ]);
  expect(tries).toHaveLength(3);
});
