import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { world } from './world.ts';

const at = world();
const { run, start, delivered } = at;

describe('commands', () => {
  test('run in order, and their end is reported with the whole log before it', async () => {
    const { submission, exit, log } = await run({ commands: ['echo one', 'echo two >&2', 'echo three'] });
    expect(log).toBe('one\ntwo\nthree\n');
    expect(exit).toMatchObject({ cause: 'commands', status: 0, signal: null, log_bytes: 14, message: null });
    const parts = at.server
      .reports(submission)
      .flatMap((report) => Object.keys(report).filter((key) => key !== 'at'));
    expect(parts[0]).toBe('started');
    expect(parts.at(-1)).toBe('exit');
    expect(JSON.parse(at.instance.read(submission, 'exit') ?? '')).toEqual(exit);
  });

  test.each([
    ['false', 1],
    ['false && true', 1],
    ['exit 7', 7],
    ['(exit 255)', 255],
    ['no-such-program-here', 127],
  ])('stop at the first failure: %s', async (failing, status) => {
    const { exit, log } = await run({ commands: ['echo before', failing, 'echo after'] });
    expect(exit).toMatchObject({ cause: 'commands', status, signal: null });
    expect(log).toMatch(/^before\n/);
    expect(log).not.toContain('after');
  });

  test('stop at a syntax error, after what came before it', async () => {
    const { exit, log } = await run({ commands: ['echo before', 'if true; then', 'echo after'] });
    expect(exit.status).not.toBe(0);
    expect(log).toMatch(/^before\n/);
    expect(log).not.toContain('after');
  });

  test.each(['sh', 'bash', '/bin/sh'])(
    'share one shell: directory, variables and functions carry over in %s',
    async (shell) => {
      const commands = [
        'mkdir -p a && cd a',
        'export X=1; y=2',
        'f() { echo "f $1"; }',
        'basename "$PWD"; echo $X $y; f 3; echo $?',
      ];
      const { log } = await run({ shell, commands });
      expect(log).toBe('a\n1 2\nf 3\n0\n');
    },
  );

  test.each(['sh', 'bash'])(
    'may have several lines, here-documents, comments, quotes and background parts in %s',
    async (shell) => {
      const commands = [
        'for i in 1 2; do\n  false\n  echo "line $i"\ndone\n',
        "cat <<EOF\nit's $HOME_NOT_SET here\nEOF",
        "cat <<'EOF'\n$kept\nEOF\n",
        'echo with a comment # not this',
        '# only a comment',
        '',
        'true &',
        `echo 'single' "double" \\\\ '\\'`,
      ];
      const { exit, log } = await run({ shell, commands });
      expect(log).toBe("line 1\nline 2\nit's  here\n$kept\nwith a comment\nsingle double \\ \\\n");
      expect(exit.status).toBe(0);
    },
  );

  test("leave a `set -e` of the user's own its effect", async () => {
    const { exit, log } = await run({ commands: ['set -eu', 'echo before\nfalse\necho after'] });
    expect(log).toBe('before\n');
    expect(exit.status).toBe(1);
  });

  test('longer than any command line', async () => {
    const { exit, log } = await run({ commands: [`x='${'a'.repeat(200_000)}'`, 'echo ${#x}'] });
    expect(log).toBe('200000\n');
    expect(exit.status).toBe(0);
  });

  test('have no input, and the death of the shell by a signal is told', async () => {
    const { exit, log } = await run({ commands: ['cat; echo read', 'kill -SEGV $$'] });
    expect(log).toBe('read\n');
    expect(exit).toMatchObject({ cause: 'commands', status: null, signal: 'SIGSEGV' });
  });
});

describe('around the commands', () => {
  test("is the bundle's environment and the node's own, never the agent's", async () => {
    const env = { SECRET: 's3cr3t', SORTIE_RUN_NAME: 'r', QUOTED: `a'b"c\nd` };
    const { submission, log } = await run({ env, commands: ['env; echo "[$QUOTED]"; umask'] });
    expect(log).toContain('SECRET=s3cr3t\n');
    expect(log).toContain(`[a'b"c\nd]`);
    expect(log).toContain(`SORTIE_SUBMISSION_ID=${submission}\n`);
    expect(log).toMatch(/^SORTIE_MASTER_NODE_IP=[\d.]+$/m);
    expect(log).toMatch(/^DSTACK_NODES_IPS=[\d.]+$/m);
    expect(log).toMatch(/^HOME=\//m);
    expect(log).not.toMatch(/agents-own|SORTIE_HOME/);
    expect(log).toMatch(/\n0022\n$/);
  });

  test("is an empty directory of the job's own, gone after the job", async () => {
    const { submission, log } = await run({ commands: ['ls -A', 'touch exit log stop started', 'pwd'] });
    expect(log).toBe(`${at.instance.fileOf(submission, 'work')}\n`);
    await at.instance.supervisorGone(submission);
    expect(at.instance.read(submission, 'work')).toBeNull();
    expect(at.instance.read(submission, 'log')).toBe(log);
  });

  test('is the working directory asked for, which is made where it is missing', async () => {
    const relative = await run({ working_dir: 'a/b', commands: ['pwd'] });
    expect(relative.log).toBe(`${at.instance.fileOf(relative.submission, 'work/a/b')}\n`);
    const directory = mkdtempSync(join(at.instance.home, 'there-'));
    for (const working_dir of [directory, `${directory}/not/yet`])
      expect((await run({ working_dir, commands: ['pwd'] })).log).toBe(`${working_dir}\n`);
    const ofHome = await run({ working_dir: '~', commands: ['pwd; cd; pwd'] });
    const [begun, home] = ofHome.log.split('\n');
    expect(begun).toBe(home);
  });

  test('is the user asked for, with a home and a directory to write in', async () => {
    const name = userInfo().uid === 0 ? 'nobody' : userInfo().username;
    const { log } = await run({
      user: name,
      commands: ['id -un', 'touch x && ls', 'echo open >/dev/stdout', 'test "$HOME" != /root'],
    });
    expect(log).toBe(`${name}\nx\nopen\n`);
  });

  test('is the user asked for, also where the way to the instance’s folder is closed to that user', async () => {
    const name = userInfo().uid === 0 ? 'nobody' : userInfo().username;
    chmodSync(at.instance.home, 0o700);
    const commands = ['id -un', 'pwd; touch "$PWD/x"', '[ -r "$SORTIE_MPI_HOSTFILE" ]', 'false'];
    const { exit, log } = await run({ user: name, commands });
    chmodSync(at.instance.home, 0o711);
    expect(exit).toMatchObject({
      cause: 'commands',
      status: 1,
      message: '`false` (command 4 of 4) exited 1',
    });
    const [user, directory = ''] = log.split('\n');
    expect(user).toBe(name);
    await eventually('the end of its folder', () => !existsSync(directory));
  });

  test('that cannot be had for the user is a failed set-up, and no exit status of the commands', async () => {
    const name = userInfo().uid === 0 ? 'nobody' : userInfo().username;
    const shell = join(at.instance.home, 'not-a-shell');
    writeFileSync(shell, '#!/no/such/interpreter\n', { mode: 0o755 });
    const { exit, log } = await run({ user: name, shell, commands: ['echo never'] });
    expect(exit).toMatchObject({ cause: 'setup', status: null, signal: null });
    expect(exit.message).toMatch(
      new RegExp(`^user: '${name}' cannot run the commands: .*(No such file|ENOENT)`),
    );
    expect(log).toBe('');
  });

  test.each([
    [{ user: 'no-such-user' }, "user: there is no 'no-such-user' on this instance"],
    [{ user: 'root:no-such-group' }, "user: there is no group 'no-such-group' on this instance"],
    [
      { working_dir: '/etc/passwd/below' },
      "working_dir: '/etc/passwd/below' is no directory on this instance (ENOTDIR)",
    ],
    [{ shell: '/no/such/shell' }, "shell: cannot run '/no/such/shell' on this instance (ENOENT)"],
  ])('cannot be prepared: %o', async (bundle, message) => {
    const { submission, answer } = await start({ ...bundle, commands: ['echo never'] });
    expect(answer).toEqual({ status: 1, output: message });
    const exit = await delivered(submission);
    expect(exit).toMatchObject({ cause: 'setup', status: null, signal: null, log_bytes: 0, message });
    expect(at.server.reports(submission).some(({ started }) => started)).toBe(false);
    expect(JSON.parse(at.instance.read(submission, 'exit') ?? '')).toEqual(exit);
  });
});
