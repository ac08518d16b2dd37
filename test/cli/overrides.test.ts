import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { submitting } from '../../cli/commands/apply.ts';
import { configurationOf } from '../../cli/configuration.ts';
import { givenBeside, overriding } from '../../cli/overriding.ts';
import { RunPlan } from '../../domain/api/plan.ts';
import { parseConfiguration } from '../../domain/configuration/task.ts';
import { given } from './sortie.ts';

const { world, file, sortie, sortieWith, http } = given();

const FILE = `type: task
name: train
env: [LR=1e-3, SEED=1]
commands:
  - echo "lr $LR seed $SEED" \${{ run.args }}
resources: {cpu: 2, memory: 1GB..}
max_duration: 10m
`;

const plan = async (...args: string[]) => {
  const { code, stdout, stderr } = await sortie('plan', '-f', 'train.yaml', '--json', ...args);
  expect(code, stderr).toBe(0);
  return { ...RunPlan.parse(JSON.parse(stdout)), told: stderr };
};

const profiles = (folder: string, text: string) => {
  mkdirSync(join(world.folder, folder), { recursive: true });
  file(`${folder}/profiles.yml`, text);
};

const submissions = () => http().requests.filter((request) => request.startsWith('POST')).length;

describe('fields of a configuration, given as options', () => {
  test('hold in place of those of the file, and the plan says so', async () => {
    file('train.yaml', FILE);
    const { configuration, told } = await plan(
      ...['--cpu', '4', '--memory', '2GB..', '--disk', '200GB', '--spot', '--max-price', '1'],
      ...['--max-duration', '4h', '--retry', 'interruption,6h', '--region', 'us-east-1'],
    );
    expect(configuration).toMatchObject({
      retry: { on_events: ['interruption'], duration: 6 * 3_600 },
      requirements: {
        max_price: 1,
        max_duration: 4 * 3_600,
        spot_policy: 'spot',
        resources: { cpu: { count: { min: 4, max: 4 } }, memory: { min: 2 }, disk: { size: { min: 200 } } },
      },
    });
    expect(told).toContain('resources.cpu: 4 (--cpu, in place of 2)\n');
    expect(told).toContain('resources.disk: 200GB (--disk)\n');
  });

  test('leave everything else as the file has it', async () => {
    file('train.yaml', FILE);
    const { launch_limit: _, told: __, ...without } = await plan();
    file('train.yaml', FILE.replace('cpu: 2', 'cpu: 4'));
    const { launch_limit: ___, told: ____, ...written } = await plan();
    file('train.yaml', FILE);
    const { launch_limit: _____, told: ______, ...given } = await plan('--cpu', '4');
    expect(given).toEqual(written);
    expect(given).not.toEqual(without);
  });

  test.each([
    ['--gpu', '24XB', { resources: { gpu: '24XB' } }],
    ['--cpu', 'x', { resources: { cpu: 'x' } }],
    ['--memory', '16XB', { resources: { memory: '16XB' } }],
    ['--disk', '-1', { resources: { disk: '-1' } }],
    ['--max-price', 'free', { max_price: 'free' }],
    ['--max-price', '0', { max_price: '0' }],
    ['--max-duration', '4y', { max_duration: '4y' }],
    ['--nodes', '0', { nodes: 0 }],
    ['--nodes', 'two', { nodes: 'two' }],
    ['--priority', '101', { priority: 101 }],
    ['--image', ':', { image: ':' }],
    ['--name', 'Bad', { name: 'Bad' }],
    ['--fleet', 'Bad', { fleets: ['Bad'] }],
    ['-e', '1A=2', { env: ['1A=2'] }],
    ['-e', 'SORTIE_RUN_ID=2', { env: ['SORTIE_RUN_ID=2'] }],
    ['--retry', 'never', { retry: { on_events: ['never'] } }],
    ['--region', '', { regions: [''] }],
    ['--instance-type', '', { instance_types: [''] }],
  ])('%s %j is refused in the words that the file is refused with', (option, value, fields) => {
    const asWritten = parseConfiguration({ type: 'task', commands: ['echo'], ...fields });
    if (asWritten.ok) throw new Error('the file was taken');
    const command = submitting(overriding(new Command())).parse([option, value], { from: 'user' });
    const refused = () => configurationOf(['echo'], givenBeside(command.opts(), []));
    expect(refused).toThrow(`${option}: `);
    for (const { message } of asWritten.error) expect(refused).toThrow(message);
    expect(refused).not.toThrow(/:\d+:\d+:/);
  });

  test('do not hide what is wrong with the file, which is told with its place', async () => {
    file('run.yaml', 'type: task\ncommands: [echo]\nresources: {cpu: 2, memory: x}\nmax_price: free\n');
    const { stderr } = await sortie('plan', '-f', 'run.yaml', '--cpu', 'y', '--max-price', '1');
    expect(stderr).toContain('error: --cpu: ');
    expect(stderr).toContain('run.yaml:3:29: resources.memory: ');
    expect(stderr).not.toContain('max_price');
  });

  test('that contradict each other, or a fleet, are refused', async () => {
    file('train.yaml', FILE);
    expect((await sortie('plan', '-f', 'train.yaml', '--spot', '--on-demand')).code).toBe(2);
    file('fleet.yaml', 'type: fleet\nname: small\nnodes: 0..2\n');
    profiles('.dstack', 'profiles: [{name: cheap, max_price: 1}]\n');
    expect((await sortie('apply', '-f', 'fleet.yaml', '-y', '--profile', 'cheap')).stderr).toContain(
      '--profile is for runs, and fleet.yaml has a fleet',
    );
    const { code, stderr } = await sortie('apply', '-f', 'fleet.yaml', '-y', '--gpu', '24GB');
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('--gpu is for runs, and fleet.yaml has a fleet'),
    ]);
    expect(submissions()).toBe(0);
  });
});

describe('variables', () => {
  test('take the place of those of the file, and their values are not shown', async () => {
    for (const env of ['[LR=1e-3, SEED=1]', '{LR: "1e-3", SEED: "1"}']) {
      file('train.yaml', FILE.replace('[LR=1e-3, SEED=1]', env));
      const { code, stdout, stderr } = await sortieWith(
        { env: { SEED: '7-of-the-shell' } },
        ...['apply', '-f', 'train.yaml', '-y', '-e', 'LR=3e-4', '-e', 'SEED'],
      );
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'lr 3e-4 seed 7-of-the-shell\n' });
      expect(stderr).toContain('env: LR (-e)\n');
      expect(stderr).not.toMatch(/3e-4|7-of/);
    }
  });

  test('without a value, here or in the shell, are refused', async () => {
    file('train.yaml', FILE);
    const { code, stderr } = await sortie('apply', '-f', 'train.yaml', '-y', '-e', 'NOWHERE');
    expect([code, stderr]).toEqual([2, expect.stringContaining('NOWHERE has no value')]);
  });
});

describe('arguments', () => {
  test('come where the file refers to them, each as one word', async () => {
    file('train.yaml', FILE);
    const { code, stdout } = await sortie(
      'apply',
      '-f',
      'train.yaml',
      '-y',
      '--',
      '--epochs',
      "it's  3",
      '$HOME',
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: "lr 1e-3 seed 1 --epochs it's  3 $HOME\n" });
  });

  test('that no command takes are refused; a reference to them over HTTP alone, too', async () => {
    file('hello.yaml', 'type: task\ncommands: [echo hello]\n');
    const { code, stderr } = await sortie('apply', '-f', 'hello.yaml', '-y', '--', '--epochs');
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('no command of hello.yaml takes arguments such as "--epochs"'),
    ]);
    const response = await fetch(`${world.url}/v1/plans`, {
      method: 'POST',
      headers: { authorization: 'Bearer a-token', 'content-type': 'application/yaml' },
      body: FILE,
    });
    expect(await response.text()).toContain('is filled in by the command line');
  });
});

describe('sortie run', () => {
  test('submits a command without a file', async () => {
    const ran = await sortie(
      'run',
      '-y',
      '--name',
      'quick',
      '--max-duration',
      '5m',
      '--',
      'echo',
      'a  b',
      '$HOME',
    );
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 0, stdout: 'a  b $HOME\n' });
    expect((await sortie('run', '-y', 'echo one; echo two >&2; exit 3')).code).toBe(3);
    expect((await sortie('run', '-y', 'echo', '--json')).stdout).toBe('--json\n');
  });

  test('refuses what cannot be, and says where it was given', async () => {
    const { code, stderr } = await sortie('run', '-y', '--cpu', 'x', 'true');
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('error: --cpu: "x" is not a CPU architecture'),
    ]);
    expect((await sortie('run', '-y')).code).toBe(2);
    expect((await sortie('run', '-y', '')).stderr).toMatch(/<command line>:\d+:\d+: commands\[0\]: /);
  });
});

describe('profiles', () => {
  const TWO = `profiles:
  - {name: cheap, default: true, spot_policy: auto, max_price: 1, max_duration: 1h}
  - {name: big, priority: 3}
`;

  test('give what the file does not have; options come before both', async () => {
    file('train.yaml', FILE);
    profiles('.dstack', TWO.replace('priority: 3', 'max_price: 9, retry: true'));
    const byDefault = await plan();
    expect(byDefault.configuration.requirements).toMatchObject({
      ...{ spot_policy: 'auto', max_price: 1, max_duration: 600 },
    });
    expect(byDefault.told).toContain('max_price: 1 (profile cheap of .dstack/profiles.yml)');
    const big = await plan('--profile', 'big', '--max-price', '2');
    expect(big.configuration).toMatchObject({
      retry: { duration: 3_600 },
      requirements: { spot_policy: 'on-demand', max_price: 2 },
    });
  });

  test('of Sortie come before those of dstack, and those of the folder before those of the home', async () => {
    file('train.yaml', FILE);
    const one = (name: string, price: number) =>
      `profiles: [{name: ${name}, default: true, max_price: ${price}}]\n`;
    const asked = async (...args: string[]) => {
      const { stdout } = await sortieWith(
        { env: { HOME: join(world.folder, 'home') } },
        ...['plan', '-f', 'train.yaml', '--json', ...args],
      );
      return RunPlan.parse(JSON.parse(stdout)).configuration.requirements.max_price;
    };
    profiles('home/.dstack', one('mine', 4));
    expect(await asked()).toBe(4);
    profiles('home/.sortie', one('mine', 3));
    expect(await asked()).toBe(3);
    profiles('.dstack', one('ours', 2));
    expect(await asked()).toBe(2);
    profiles('.sortie', one('ours', 1));
    expect(await asked()).toBe(1);
    expect(await asked('--profile', 'mine')).toBe(3);
  });

  test.each([
    [
      'a misspelt field',
      '[{name: a, max_prize: 1}]',
      '.sortie/profiles.yml:1:22: profiles[0]: "max_prize" is no field',
    ],
    [
      'a wrong value',
      '[{name: a, default: true, max_price: x}]',
      'profile a of .sortie/profiles.yml: max_price: must be dollars',
    ],
    ['broken YAML', '[', '.sortie/profiles.yml:2:1: '],
  ])('with %s are refused before anything is sent', async (_, text, says) => {
    file('train.yaml', FILE);
    profiles('.sortie', `profiles: ${text}\n`);
    const { code, stderr } = await sortie('apply', '-f', 'train.yaml', '-y');
    expect(stderr).toContain(says);
    expect(code).toBe(2);
    expect(submissions()).toBe(0);
  });

  test('that are not there are refused, with those that are', async () => {
    file('train.yaml', FILE);
    profiles('.sortie', TWO.replace('priority: 3', 'retry: true'));
    const { code, stderr } = await sortie('plan', '-f', 'train.yaml', '--profile', 'huge');
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('there is no profile "huge"; there are cheap, big'),
    ]);
  });
});
