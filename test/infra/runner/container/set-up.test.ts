import { afterEach, describe, expect, test } from 'vitest';
import { needing } from '../../../needs.ts';
import { newSubmission } from '../instance.ts';
import { world } from '../world.ts';
import { containerOf, containersOf, removeContainersOf, testImage } from './engine.ts';

describe('a set-up script', needing('engine', 'busybox'), () => {
  const at = world();
  const image = testImage();
  afterEach(() => removeContainersOf(at.instance.home));

  test('runs once before the commands, as root, with the variables of the container alone', async () => {
    const setup_script = 'id -u; echo "$INSIDE $MINE."; touch /made-by-setup; ls -A / | grep -c sortie-setup';
    const { submission, exit, log } = await at.run({
      commands: ['id -u; ls /made-by-setup; ls -A / | grep sortie-setup || echo clean'],
      env: { MINE: 'm' },
      user: 'worker',
      container: containerOf(image.name, { setup_script, env: { INSIDE: 'i' } }),
    });
    expect(exit.status).toBe(0);
    expect(log).toBe('0\ni .\n1\n1234\n/made-by-setup\nclean\n');
    const stages = at.server.reports(submission).flatMap(({ stage }) => (stage ? [stage.name] : []));
    expect(stages).toEqual(['starting', 'setup']);
  });

  test('knows its node among the others, and not of which job it is', async () => {
    const submission = newSubmission();
    const nodes = ['10.0.0.1', '10.0.0.2'];
    at.server.orders.set(submission, (report) =>
      report.arrived ? { order: 'prepare', container: 'launch', nodes } : { order: 'go', nodes },
    );
    const names = ['NODE_RANK', 'NODES_NUM', 'GPUS_PER_NODE', 'GPUS_NUM', 'MASTER_NODE_IP', 'NODES_IPS'];
    const said = names.map((name) => `$SORTIE_${name}$DSTACK_${name}`);
    const bundle = {
      submission,
      commands: ['true'],
      env: {
        ...{ SORTIE_NODE_RANK: '1', SORTIE_NODES_NUM: '2', SORTIE_GPUS_PER_NODE: '8', SORTIE_GPUS_NUM: '16' },
        ...{ SORTIE_JOB_ID: 'a-job', MINE: 'm' },
      },
      container: containerOf(image.name, {
        setup_script: `echo ${said.join(' ')} "[$SORTIE_JOB_ID$SORTIE_SUBMISSION_ID$MINE]"`,
      }),
      gang: { rank: 1, size: 2 },
    };
    await at.instance.startJob(submission, at.server.bundleUrl(bundle));
    await at.delivered(submission);
    expect(at.server.log(submission).toString()).toBe(
      '11 22 88 1616 10.0.0.110.0.0.1 10.0.0.1 10.0.0.210.0.0.1 10.0.0.2 []\n',
    );
  });

  test('that fails, be it within a pipe, is the end of the job, and its output is there to read', async () => {
    const setup_script = 'echo trying; sh -c "echo cannot >&2; exit 9" | cat';
    const { exit, log, submission } = await at.run({
      commands: ['echo never'],
      container: containerOf(image.name, { setup_script }),
    });
    expect(exit).toMatchObject({
      cause: 'setup',
      status: null,
      message: expect.stringMatching(/^setup_script failed with exit code 9 in .*: trying\ncannot$/),
      log_bytes: log.length,
    });
    expect(log).toBe('trying\ncannot\n');
    expect(at.server.reports(submission).some(({ container, started }) => container || started)).toBe(false);
    expect(await containersOf(at.instance.home)).toEqual([]);
  });

  test('ends at the first command that fails', async () => {
    const setup_script = 'echo one\nfalse\necho two';
    const { exit, log } = await at.run({
      commands: ['echo never'],
      container: containerOf(image.name, { setup_script }),
    });
    expect(exit).toMatchObject({ cause: 'setup', message: expect.stringContaining('exit code 1') });
    expect(log).toBe('one\n');
  });

  test('may be longer than any command line', async () => {
    const setup_script = `: '${'x'.repeat(300_000)}'\necho whole`;
    const { log } = await at.run({
      commands: ['true'],
      container: containerOf(image.name, { setup_script }),
    });
    expect(log).toBe('whole\n');
  });
});
