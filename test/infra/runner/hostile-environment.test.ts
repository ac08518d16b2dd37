import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { world } from './world.ts';

const { run, start, delivered } = world();

/** Each leads a program that looks at it astray. */
const HOSTILE = {
  PATH: '/nowhere',
  HOME: '/nowhere',
  IFS: 'x',
  NODE_OPTIONS: '--require /nowhere.js',
  LD_LIBRARY_PATH: '/nowhere',
  LD_PRELOAD: '/nowhere/lib.so',
  BASH_ENV: '/nowhere/profile',
  ENV: '/nowhere/profile',
  SHELLOPTS: 'xtrace:noexec',
  PS4: 'trace> ',
  DOCKER_CONFIG: '/nowhere',
  TMPDIR: '/nowhere',
  LC_ALL: 'xx_XX.nowhere',
};
const names = Object.keys(HOSTILE).filter((name) => !['IFS', 'SHELLOPTS', 'PS4'].includes(name));
const show = names.map((name) => `echo "[${name}=$${name}]"`);

describe.each(['sh', 'bash'])('a hostile variable in the env of a job in %s', (shell) => {
  test.each(Object.entries(HOSTILE))('is nothing to Sortie: %s=%s', async (name, value) => {
    // bash takes these from its environment: nothing would run, which is its user's wish.
    const obeyed = shell === 'bash' && name === 'SHELLOPTS';
    const { exit, log } = await run({ shell, env: { [name]: value }, commands: ['echo one', 'exit 3'] });
    if (obeyed) return expect(exit).toMatchObject({ cause: 'commands', status: 0 });
    expect(exit).toMatchObject({ cause: 'commands', status: 3 });
    expect(log).toMatch(/(^|\n)one\n$/);
  });

  test.runIf(userInfo().uid === 0)('is seen by the commands as written, as any user', async () => {
    const env = Object.fromEntries(names.map((name) => [name, HOSTILE[name as keyof typeof HOSTILE]]));
    for (const user of [null, 'nobody']) {
      const { log } = await run({ shell, user, env, commands: show });
      for (const name of names) expect(log).toContain(`[${name}=${env[name]}]\n`);
    }
  });
});

test("a shell is looked for on the agent's PATH, a relative path in PATH or a missing one is none", async () => {
  const { submission, answer } = await start({
    shell: 'no-such-shell',
    env: { PATH: '/bin' },
    commands: [':'],
  });
  expect(answer.output).toBe("shell: cannot run 'no-such-shell' on this instance (ENOENT)");
  expect(await delivered(submission)).toMatchObject({ cause: 'setup' });
});
