import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import { fleetPlanLines } from '../../cli/show/fleets.ts';
import { FleetDetail, FleetPlan } from '../../domain/api/fleet.ts';
import { golden } from '../golden/golden-events.ts';
import { given } from './sortie.ts';

const { file, start, sortie } = given();

const fleet = (rest = '') => `type: fleet\nname: small\n${rest}`;
const apply = (text: string, ...args: string[]) => {
  file('fleet.yaml', text);
  return sortie('apply', '-f', 'fleet.yaml', ...args);
};

describe('sortie apply of a fleet', () => {
  test('shows what would be created, creates it, and says how to use it', async () => {
    const { code, stdout, stderr } = await apply(fleet('nodes: 0..2\nlimits:\n  budget: 20\n'), '-y');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(
      'fleet small will be created:\n  + nodes: 0..2\n  + limits.instances: 2\n  + limits.budget: 20\n',
    );
    expect(stderr).toContain('fleet small is created. Send runs to it: fleets: [small]');
  });

  test('again does nothing; changed it shows the difference', async () => {
    await apply(fleet('nodes: 0..2\n'), '-y');
    const again = await apply(fleet('nodes: 0..2\n'), '-y');
    expect({ code: again.code, stderr: again.stderr }).toEqual({
      code: 0,
      stderr: 'fleet small is like this already\n',
    });
    const changed = await apply(fleet('nodes: 0..4\nspot_policy: auto\n'), '-y');
    expect(changed.stderr).toContain(
      'fleet small will be changed:\n  - nodes: 0..2\n  + nodes: 0..4\n  - limits.instances: 2\n  + limits.instances: 4\n  + spot_policy: auto\n',
    );
    const json = await apply(fleet('nodes: 0..4\n'), '-y', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ leaving: [], changes: [{ field: 'spot_policy' }] });
    expect(FleetDetail.parse(JSON.parse(json.stdout)).configuration?.spot_policy).toBeNull();
  });

  test('says which instances go, and why, before it asks', () => {
    const plan = FleetPlan.parse({
      ...{ name: 'small', action: 'change', changes: [], launches: 1 },
      configuration: golden('FleetConfigured').configuration,
      leaving: [
        {
          ...{ id: 'i01', ec2_id: 'i-0123456789abcdef0', instance_type: 'm5.large', zone: 'us-east-1a' },
          ...{ spot: 'on-demand', status: 'busy', jobs: ['a-0'] },
          why: 'resources.cpu: the fleet asks for 4, and this has 2',
        },
      ],
    });
    expect(fleetPlanLines(plan, picocolors.createColors(false))).toEqual([
      'fleet small will be changed:',
      '1 instance will be drained: each ends once its jobs have',
      '  - i-0123456789abcdef0 (m5.large in us-east-1a, busy, 1 job)',
      '    resources.cpu: the fleet asks for 4, and this has 2',
      '1 node will be launched, within the limits',
    ]);
  });

  test('with blocks says so; blocks that cannot be, or of a task, are told what to write instead', async () => {
    const shared = await apply(fleet('nodes: 0..2\nblocks: 4\n'), '-y');
    expect(shared.stderr).toContain('  + nodes: 0..2\n  + blocks: 4\n');
    const none = await apply(fleet('blocks: 0\n'), '-y');
    expect(none.code).toBe(2);
    expect(none.stderr).toContain(
      'fleet.yaml:3:9: blocks: must be a whole number of at least 1, or `auto`, not 0',
    );
    file('task.yaml', 'type: task\nblocks: 3\ncommands:\n  - true\n');
    const task = await sortie('plan', '-f', 'task.yaml');
    expect(task.code).toBe(2);
    expect(task.stderr).toContain(
      '`blocks` belongs to `type: fleet`: give it to the fleet that the task names under `fleets`',
    );
  });

  test('that is wrong is told with its line, before anything is sent', async () => {
    const { code, stderr } = await apply(fleet('nodes: 0..2\nmax_prize: 2\n'), '-y');
    expect(code).toBe(2);
    expect(stderr).toContain('fleet.yaml:4:1: unknown field `max_prize`, did you mean `max_price`?');
    const plan = await sortie('plan', '-f', 'fleet.yaml');
    expect({ code: plan.code, said: plan.stderr }).toEqual({
      code: 2,
      said: expect.stringContaining('a fleet is no run'),
    });
  });
});

describe('sortie fleet', () => {
  const LONG =
    'type: task\nname: long\nfleets: [small]\nstop_duration: 10s\ncommands:\n  - echo begun\n  - while true; do sleep 0.05; done\n';

  test('shows a fleet with its instances and runs, and deletes it once none use it', async () => {
    await apply(fleet('nodes: 0..2\n'), '-y');
    file('long.yaml', LONG);
    const run = start(['apply', '-f', 'long.yaml', '-y']);
    await run.said('begun');
    const shown = await sortie('fleet', 'show', 'small');
    expect(shown.stdout).toMatch(/^FLEET .*\nsmall +1 of 2 +\$/);
    expect(shown.stdout).toContain('long (job 0)');
    expect(shown.stdout).toMatch(/nodes: 0\.\.2[\s\S]*\ni-\w+ +small +busy[\s\S]*1 run: long\n$/);
    expect((await sortie('fleet')).stdout).toMatch(/\nsmall +1 of 2 /);
    expect((await sortie('instance')).stdout).toContain('long (job 0)');
    expect((await sortie('instance', '--json')).stdout).toMatch(/"job": ?"\w{26}-0"/);
    const refused = await sortie('fleet', 'delete', 'small', '-y');
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 1,
      stderr:
        'error: fleet small has runs that are not finished: long; stop them (sortie stop long) or wait for their end\n',
    });
    await sortie('stop', 'long', '-y');
    await run.ended;
    const deleted = await sortie('fleet', 'delete', 'small', '-y', '--json');
    expect(deleted.stderr).toBe('');
    expect(FleetDetail.parse(JSON.parse(deleted.stdout)).status).toMatch(/^delet/);
  });

  test('of no such name is told so, and how to list them; help is at hand', async () => {
    expect(await sortie('fleet', 'show', 'nowhere')).toMatchObject({
      code: 1,
      stderr: 'error: there is no fleet "nowhere"; list them with: sortie fleet\n',
    });
    expect((await sortie('fleet', 'delete', 'nowhere')).stderr).toContain('add -y');
    expect((await sortie('fleet', 'show', '--help')).stdout).toContain('$ sortie fleet show gpu');
    expect(await sortie('fleet', 'walk')).toMatchObject({
      code: 2,
      stderr:
        'error: sortie fleet has no subcommand "walk"; it has show, delete, pause, resume, drain, terminate-all\n  next: sortie fleet --help\n',
    });
    expect((await sortie('fleet', 'sho', 'small')).stderr).toContain('next: sortie fleet show --help');
    expect((await sortie('instance', 'stop', 'i-1')).stderr).toContain('it has hold, drain, run, kill');
    expect((await sortie('fleet', 'show')).stderr).toContain('see: sortie fleet show --help');
  });

  test('a run that names none of ours is refused at its place in the file', async () => {
    file('task.yaml', 'type: task\ncommands: [a]\nfleets: [nowhere]\n');
    const { code, stderr } = await sortie('apply', '-f', 'task.yaml', '-y');
    expect(code).toBe(2);
    expect(stderr).toContain('task.yaml:3:10: fleets[0]: there is no fleet nowhere');
  });
});
