import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Bundle, BundledContainer } from '../../../../infra/runner/contract.ts';
import { needing } from '../../../needs.ts';
import { commandLine, processes } from '../processes.ts';
import { world } from '../world.ts';
import { containerOf, containersOf, docker, removeContainersOf, testImage } from './engine.ts';

describe('a job in a container of its own', needing('engine', 'busybox'), () => {
  const at = world();
  const image = testImage();
  afterEach(() => removeContainersOf(at.instance.home));

  const run = (commands: string[], container: Partial<BundledContainer> = {}, bundle: Partial<Bundle> = {}) =>
    at.run({ commands, container: containerOf(image.name, container), ...bundle });

  test('runs its commands there, tells what it did first, and leaves nothing', async () => {
    const { submission, exit, log } = await run(['cat /etc/passwd', 'echo one; echo two >&2; echo three']);
    expect(log).toMatch(/worker:x:1234:1234::\/tmp:\/bin\/sh\none\ntwo\nthree\n$/);
    expect(exit).toMatchObject({ cause: 'commands', status: 0, signal: null, message: null });
    const parts = at.server.reports(submission).flatMap((report) => Object.keys(report).slice(1));
    expect(parts.filter((part) => part !== 'log')).toEqual(['stage', 'container', 'started', 'exit']);
    const [stage, ready] = at.server.reports(submission);
    expect(stage?.stage).toMatchObject({ name: 'starting' });
    expect(ready?.container).toMatchObject({
      name: expect.stringMatching(new RegExp(`^[0-9a-f]{8}-sortie-${submission}$`)),
      how: 'started',
      image_id: await docker('image', 'inspect', '--format', '{{.Id}}', image.name),
      warnings: [],
    });
    expect(await containersOf(at.instance.home)).toEqual([]);
  });

  test.each([
    ['exit 7', 7],
    ['(exit 255)', 255],
    ['exit 137', 137],
    ['no-such-program', 127],
  ])('ends as its commands do: %s', async (command, status) => {
    const { exit } = await run(['echo before', command, 'echo after']);
    expect(exit).toMatchObject({ cause: 'commands', status, signal: null });
  });

  test('has the variables of the job and of the container, whatever their values', async () => {
    const env = {
      PLAIN: 'a',
      LINES: `one\n  "two" 'three' $FOUR\n`,
      HASH: '#x',
      EMPTY: '',
      SPACE: ' b ',
      HOME: '/tmp',
    };
    const { log } = await run(
      [
        'for n in PLAIN LINES HASH EMPTY SPACE HOME INSIDE; do eval "echo \\"$n=[\\$$n]\\""; done',
        'env | grep AGENT || echo none',
      ],
      { env: { INSIDE: 'i', PLAIN: 'overridden' } },
      { env },
    );
    expect(log).toBe(
      `PLAIN=[a]\nLINES=[one\n  "two" 'three' $FOUR\n]\nHASH=[#x]\nEMPTY=[]\nSPACE=[ b ]\nHOME=[/tmp]\nINSIDE=[i]\nnone\n`,
    );
  });

  test('shows no value of them on a command line', async () => {
    const secret = 's3cr3t-value';
    const { submission } = await at.start({
      env: { A: secret, B: `${secret}\nwith lines` },
      commands: ['echo running; while :; do sleep 0.1; done'],
      container: containerOf(image.name, { env: { C: secret } }),
    });
    await at.logged(submission, 'running');
    const seen = processes().map(commandLine).join('\n');
    expect(seen).toContain(`/.sortie-${submission}/commands`);
    expect(seen).not.toContain(secret);
    await at.instance.stopJob(submission, 'abort');
    await at.delivered(submission);
  });

  test('writes 1 MB in one line', async () => {
    const { exit, log } = await run(["head -c 1048576 /dev/zero | tr '\\0' x; echo"]);
    expect(log).toBe(`${'x'.repeat(1048576)}\n`);
    expect(exit.log_bytes).toBe(1048577);
  });

  test('runs as the user asked for, in the directory asked for', async () => {
    const { log } = await run(
      ['id -u', 'pwd', 'echo open >/dev/stdout'],
      {},
      { user: 'worker', working_dir: '/tmp' },
    );
    expect(log).toBe('1234\n/tmp\nopen\n');
  });

  test.each([
    ['a/b', null, '/a/b'],
    ['/not/there', null, '/not/there'],
    ['/not/there', 'worker', '/not/there'],
    ['~', 'worker', '/tmp'],
    ['~/mine', 'worker', '/tmp/mine'],
    ['a b', 'worker', '/a b'],
  ])('works in %s as user %s, which is made the user’s own', async (working_dir, user, expected) => {
    const { exit, log } = await run(['pwd', 'touch here && id -u'], {}, { working_dir, user });
    expect(exit).toMatchObject({ status: 0, message: null });
    expect(log).toBe(`${expected}\n${user === null ? 0 : 1234}\n`);
  });

  test.each([
    [{ user: 'nobody-here' }, /unable to find user nobody-here/],
    [
      { working_dir: '/etc/passwd/below' },
      /^working_dir: '\/etc\/passwd\/below' is not in container \S+ and cannot be made: .*Not a directory/,
    ],
    [
      { shell: 'bash' },
      /^container [0-9a-f]{8}-sortie-\S+: its image has no `bash`: leave `shell` out, and `sh` runs the commands; or install it/,
    ],
  ])('does not begin as what is not there: %o', async (bundle, message) => {
    const { exit, log } = await run(['echo never'], {}, bundle);
    expect(exit).toMatchObject({ cause: 'setup', status: null, message: expect.stringMatching(message) });
    expect(log).toBe('');
    expect(await containersOf(at.instance.home)).toEqual([]);
  });

  test('with an entrypoint gives it the commands as arguments', async () => {
    const { log } = await run(['a b', '$HOME'], { entrypoint: ['printf', '[%s]\\n'] });
    expect(log).toBe('[a b]\n[$HOME]\n');
  });

  test.each([[['sh', '-c']], [['/bin/sh', '-ec']], [['env', 'A=1', 'sh', '-o', 'pipefail', '-c']]])(
    'with a shell as its entrypoint runs all commands, up to the first that fails: %o',
    async (entrypoint) => {
      const { exit, log } = await run(['a="it is $((1 + 1))"', 'echo "$a"', 'false', 'echo never'], {
        entrypoint,
      });
      expect(log).toBe('it is 2\n');
      expect(exit).toMatchObject({ status: 1, message: '`false` (command 3 of 4) exited 1' });
    },
  );

  test('with an entrypoint that traces shows the user’s commands alone', async () => {
    const { exit, log } = await run(['echo one', 'echo two >&2'], { entrypoint: ['sh', '-xc'] });
    expect(exit.status).toBe(0);
    expect(log).toBe('+ echo one\none\n+ echo two\ntwo\n');
  });

  test('is told that its image lacks the entrypoint', async () => {
    const { exit } = await run(['echo never'], { entrypoint: ['bash', '-c'] });
    expect(exit).toMatchObject({ cause: 'setup', status: null });
    expect(exit.message).toMatch(
      /its image has no `bash`: change the `entrypoint`, or leave it out; or install it/,
    );
  });

  test('does not begin where a folder that it mounts is missing, and makes none', async () => {
    const instance_path = `${at.instance.home}/mistyped`;
    const volumes = [{ instance_path, path: '/data', mode: 'ro' as const, optional: false, create: false }];
    const { exit, submission } = await run(['echo never'], { volumes, image: '127.0.0.1:1/no/such:1' });
    expect(exit).toMatchObject({ cause: 'setup', status: null });
    expect(exit.message).toContain(`volumes: there is no '${instance_path}' on this instance`);
    expect(existsSync(instance_path)).toBe(false);
    expect(at.server.reports(submission).flatMap(({ stage }) => stage ?? [])).toEqual([]);
  });

  test('is told where its image has nothing to run', async () => {
    const { exit } = await run([]);
    expect(exit).toMatchObject({ cause: 'setup', message: expect.stringContaining('write `commands`') });
  });

  test('removes a leftover of its name', async () => {
    const { submission } = await at.start({
      commands: ['while :; do sleep 1; done'],
      container: containerOf(image.name, { name: 'mine' }),
    });
    await at.started(submission);
    const client = at.instance.pid(submission, 'commands.pid') ?? 0;
    await at.instance.killResident();
    process.kill(-client, 'SIGKILL');
    expect(await containersOf(at.instance.home)).toHaveLength(1);
    const { exit, log } = await run(['echo anew'], { name: 'mine' });
    expect(log).toBe('anew\n');
    expect(exit).toMatchObject({ status: 0, message: null });
    expect(await containersOf(at.instance.home)).toEqual([]);
  });

  test('leaves alone the container of its name of a job that still runs', async () => {
    const { submission } = await at.start({
      commands: ['while :; do sleep 1; done'],
      container: containerOf(image.name, { name: 'mine' }),
    });
    await at.started(submission);
    const { exit } = await run(['echo never'], { name: 'mine' });
    expect(exit.message).toContain(`is that of ${submission}, which still runs`);
    expect(await containersOf(at.instance.home)).toHaveLength(1);
    await at.instance.stopJob(submission, 'abort');
    await at.delivered(submission);
  });

  test('says which image is missing', async () => {
    const absent = `127.0.0.1:1/no/such:1`;
    const { exit } = await run(['echo never'], { image: absent });
    expect(exit).toMatchObject({
      cause: 'setup',
      message: expect.stringMatching(/^image: 127\.0\.0\.1:1\/no\/such:1 could not be pulled: /),
    });
  });

  test('comes of a tar as well', async () => {
    const tar = `${at.instance.home}/image.tar`;
    await docker('save', '--output', tar, image.name);
    const { log, submission } = await run(['echo here'], { image: null, image_tar: tar });
    expect(log).toBe('here\n');
    expect(at.server.reports(submission)[0]?.stage).toMatchObject({ name: 'loading' });
    const { exit } = await run(['echo never'], { image: null, image_tar: '/no/such.tar' });
    expect(exit.message).toBe("image_tar: there is no '/no/such.tar' on this instance");
  });
});
