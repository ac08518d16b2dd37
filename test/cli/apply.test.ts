import { describe, expect, test } from 'vitest';
import { RunDetail } from '../../domain/api/run.ts';
import { given } from './sortie.ts';

const { world, http, file, start, sortie, sortieWith } = given();
const task = (commands: string[], rest = '') =>
  `type: task\nname: hello\ncommands:\n${commands.map((command) => `  - ${command}\n`).join('')}${rest}`;

describe('sortie apply', () => {
  test('plans, submits, follows and exits with 0; the output alone is on stdout', async () => {
    file('hello.yaml', task(['echo one', 'echo two >&2']));
    const { code, stdout, stderr } = await sortie('apply', '-f', 'hello.yaml', '-y');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\ntwo\n' });
    expect(stderr).toMatch(/INSTANCE TYPE .* \$\/H/);
    expect(stderr).toMatch(/offers fit, of [\d,]+ considered/);
    expect(stderr).toMatch(/^Prices: \d{4}-\d\d-\d\d \([\d,]+ days old\), spot .*; no traffic\.$/m);
    expect(stderr).toContain('Prices as shipped with Sortie');
    expect(stderr).toMatch(/^hello is done, in [\d.]+s, on \S+ in us-east-1\w, on-demand, \$[\d.]+\/h$/m);
  });

  test('writes bytes as the job wrote them', async () => {
    file('bytes.yaml', task([String.raw`printf 'a\377\376\0b'`]));
    const { stdout } = await sortie('apply', '-f', 'bytes.yaml', '-y', '--json');
    const run = RunDetail.parse(JSON.parse(stdout));
    const logs = await sortie('logs', run.name, '--json');
    expect(JSON.parse(logs.stdout)).toMatchObject({
      base64: Buffer.from('a\xff\xfe\0b', 'latin1').toString('base64'),
    });
  });

  test('whose output nobody reads any more says that the run goes on, and does not exit as if it were done', async () => {
    file('long.yaml', task(['while true; do echo more; sleep 0.1; done']));
    const apply = start(['apply', '-f', 'long.yaml', '-y']);
    await apply.said('more');
    apply.unread();
    const { code, stderr } = await apply.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('hello goes on. Back to it: sortie logs hello -f');
  });

  test("exits with the commands' own status", async () => {
    file('fails.yaml', task(['echo before', 'exit 7']));
    const { code, stdout, stderr } = await sortie('apply', '-f', 'fails.yaml', '-y');
    expect({ code, stdout }).toEqual({ code: 7, stdout: 'before\n' });
    expect(stderr).toMatch(/^hello failed after [\d.]+s: its commands ended with exit status 7$/m);
    expect(stderr).toContain('sortie why hello');
  });

  test('shows the nearest offers and exits with 1 where none fits', async () => {
    file('huge.yaml', task(['"true"'], 'resources:\n  cpu: 4000..\n'));
    const { code, stderr } = await sortie('apply', '-f', 'huge.yaml', '-y');
    expect(code).toBe(1);
    expect(stderr).toMatch(/No offer fits\.\nNearest:\n {2}\S+ in us-east-1\w, .*vCPUs \d+, asked 4000\.\./);
    expect(stderr).toMatch(/^hello failed after [\d.]+s: no offer fits/m);
  });

  test('tells what the cloud refuses, and goes on', async () => {
    file('hello.yaml', task(['echo here']));
    world.sortie.refusals.push({
      class: 'capacity',
      code: 'InsufficientInstanceCapacity',
      message: 'none left',
    });
    const { code, stderr } = await sortie('apply', '-f', 'hello.yaml', '-y');
    expect(code).toBe(0);
    const job = [...world.sortie.store.heads.keys()].filter((key) => key.startsWith('Instance-'));
    expect(job).toHaveLength(2);
    expect(stderr).toContain('hello is done');
  });

  test('shows file, line, column and caret of what is wrong, and sends nothing', async () => {
    file('wrong.yaml', 'type: task\ncommands:\n  - true\nresources:\n  memory: lots\n');
    const { code, stderr } = await sortie('apply', '-f', 'wrong.yaml', '-y');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: wrong\.yaml:3:5: commands\[0\]: /m);
    expect(stderr).toMatch(/^wrong\.yaml:5:11: resources\.memory: /m);
    expect(stderr).toMatch(/\n {4}5 \| {3}memory: lots\n +\| +\^+\n/);
    expect(stderr).toContain('was not submitted');
    expect(http().requests).toEqual([]);
  });

  test("takes `- NAME` from the user's environment", async () => {
    file('env.yaml', task(['echo "it is $SECRET"'], 'env:\n  - SECRET\n'));
    const missing = await sortie('apply', '-f', 'env.yaml', '-y');
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('error: env.yaml: env.SECRET: `SECRET` has no value');
    expect(missing.stderr).toContain('export SECRET=…');
    expect(http().requests).toEqual([]);

    const set = await sortieWith({ env: { SECRET: 'known' } }, 'apply', '-f', 'env.yaml', '-y');
    expect(set).toMatchObject({ code: 0, stdout: 'it is known\n' });
  });

  test('warns of a variable that nobody expands', async () => {
    file('path.yaml', task(['"true"'], 'env:\n  - CACHE=$HOME/.cache\n'));
    const { code, stderr } = await sortie('apply', '-f', 'path.yaml', '-y');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: env: \$HOME in CACHE is not expanded; .*`export CACHE=…`/m);
    expect((await sortie('plan', '-f', 'path.yaml')).stderr).toContain('warning: env: $HOME in CACHE');
  });

  test('reads stdin for -', async () => {
    const { code, stdout } = await sortieWith({ stdin: task(['echo piped']) }, 'apply', '-f', '-', '-y');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'piped\n' });
  });

  test('without a terminal to ask on wants -y', async () => {
    file('hello.yaml', task(['"true"']));
    const { code, stderr } = await sortie('apply', '-f', 'hello.yaml');
    expect(code).toBe(2);
    expect(stderr).toContain('next: add -y');
    expect(http().requests).toEqual([]);
  });

  test('with -d prints the name and leaves it running', async () => {
    file('long.yaml', task(['sleep 100']));
    const { code, stdout, stderr } = await sortie(
      'apply',
      '-f',
      'long.yaml',
      '-y',
      '-d',
      '--name',
      'nightly',
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'nightly\n' });
    expect(stderr).toContain('sortie logs nightly -f');
    expect((await sortie('ps')).stdout).toMatch(/^nightly +(submitted|provisioning|running) /m);
  });

  test('on Ctrl-C detaches and says how to come back', async () => {
    file('long.yaml', task(['echo begun', 'sleep 100']));
    const apply = start(['apply', '-f', 'long.yaml', '-y']);
    await apply.said('begun');
    apply.signal('SIGINT');
    const { code, stderr } = await apply.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('hello goes on. Back to it: sortie logs hello -f   Stop it: sortie stop hello');
    expect((await sortie('ps')).stdout).toMatch(/^hello +running /m);
  });

  test('with --json prints the run as it ended, and only that', async () => {
    file('hello.yaml', task(['echo unheard', 'exit 3']));
    const { code, stdout } = await sortie('apply', '-f', 'hello.yaml', '-y', '--json');
    expect(code).toBe(3);
    const run = RunDetail.parse(JSON.parse(stdout));
    expect(run).toMatchObject({ name: 'hello', status: 'failed', termination_reason: 'job_failed' });
    expect(run.jobs[0]?.submissions[0]?.exit_status).toBe(3);
  });

  test('is one run, whatever answers are lost', async () => {
    file('hello.yaml', task(['echo once']));
    http().loseAnswers(2);
    const { code, stdout } = await sortie('apply', '-f', 'hello.yaml', '-y', '--json');
    expect(code).toBe(0);
    expect(http().requests.filter((request) => request === 'POST /v1/runs').length).toBeGreaterThan(1);
    expect([...world.sortie.store.heads.keys()].filter((key) => key.startsWith('Run-'))).toHaveLength(1);
    expect(RunDetail.parse(JSON.parse(stdout)).status).toBe('done');
  });

  test('lives through a restart of the API', async () => {
    file(
      'long.yaml',
      task(['echo begun', `until [ -e ${world.folder}/go ]; do sleep 0.05; done`, 'echo ended']),
    );
    const apply = start(['apply', '-f', 'long.yaml', '-y']);
    await apply.said('begun');
    await http().down();
    await apply.said('lost contact with Sortie');
    file('go', '');
    await http().up();
    const { code, stdout, stderr } = await apply.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'begun\nended\n' });
    expect(stderr).toContain('back in contact');
  });

  test('refuses a name that an unfinished run has before the plan is shown, in the words of the submission', async () => {
    file('long.yaml', task(['sleep 100']));
    await sortie('apply', '-f', 'long.yaml', '-y', '-d');
    const submissions = () => http().requests.filter((request) => request === 'POST /v1/runs').length;
    expect(submissions()).toBe(1);
    for (const options of [['-y'], ['-y', '-d']]) {
      const { code, stdout, stderr } = await sortie('apply', '-f', 'long.yaml', ...options);
      expect({ code, stdout, stderr }).toEqual({
        code: 1,
        stdout: '',
        stderr:
          'error: a run named hello is not finished yet; stop it (sortie stop hello) or choose another name\n',
      });
    }
    expect(submissions()).toBe(1);
    const { stderr } = await sortie('apply', '-f', 'long.yaml', '-y', '--json');
    expect(stderr).toContain('error: a run named hello is not finished yet; stop it (sortie stop hello)');
    expect(submissions()).toBe(2);
    expect((await sortie('apply', '-f', 'long.yaml', '-y', '-d', '--name', 'other')).code).toBe(0);
    const plan = await sortie('plan', '-f', 'long.yaml');
    expect(plan.code).toBe(0);
    expect(plan.stderr).toContain('warning: a run named hello is not finished yet');
  });
});
