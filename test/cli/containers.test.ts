import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { given } from './sortie.ts';

const { world, file, sortie, sortieWith } = given();
const run = 'type: task\nname: boxed\nimage: app\ncommands: [echo hi]\n';

test('a setup script is read beside its configuration, wherever the command is typed', async () => {
  mkdirSync(join(world.folder, 'sub', 'scripts'), { recursive: true });
  file('sub/run.yaml', `${run}container:\n  setup_script: scripts/setup.sh\n`);
  file('sub/scripts/setup.sh', 'apt-get install -y jq\n');
  const { code, stdout } = await sortie('apply', '-f', 'sub/run.yaml', '-y', '--json', '-d');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    configuration: { container: { setup_script: 'apt-get install -y jq\n' } },
  });
});

test.each([
  ['missing.sh', 'there is no file missing.sh'],
  ['.', '. is not a file'],
])('a setup script %s is told at once, with its place', async (script, told) => {
  file('run.yaml', `${run}container:\n  setup_script: ${script}\n`);
  for (const command of [['plan'], ['apply', '-y']]) {
    const { code, stderr } = await sortie(...command, '-f', 'run.yaml');
    expect(code).toBe(2);
    expect(stderr).toContain(`run.yaml:6:17: container.setup_script: ${told}`);
  }
});

test('variables of a container come from the shell as those of the job do', async () => {
  file(
    'run.yaml',
    `${run}env: [TOKEN]\nregistry_auth:\n  username: me\n  password: \${{ env.TOKEN }}\ncontainer:\n  env: [LICENCE]\n`,
  );
  const missing = await sortieWith({ env: { TOKEN: 'a' } }, 'apply', '-f', 'run.yaml', '-y', '-d');
  expect(missing).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      'container.env.LICENCE: `LICENCE` has no value, here or in your environment',
    ),
  });
  const env = { TOKEN: 'a', LICENCE: 'b' };
  expect(await sortieWith({ env }, 'apply', '-f', 'run.yaml', '-y', '-d')).toMatchObject({ code: 0 });
  expect((await sortie('plan', '-f', 'run.yaml')).stdout).toContain(
    'in a container of app, made for the run',
  );
});

test('a plan of several nodes shows what they cost together', async () => {
  file(
    'groups.yaml',
    'type: task\nmax_duration: 1h\ngroups:\n  - {name: head, commands: [a]}\n  - {nodes: 2, commands: [b]}\n',
  );
  const { code, stdout } = await sortie('plan', '-f', 'groups.yaml');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /group head: 1 node\n[^]*group 1: 2 nodes\n[^]*\nAll 3 nodes: \$[\d.]+\/h on the first offers, at most \$/,
  );
  file('nodes.yaml', 'type: task\nnodes: 3\ncommands: [a]\n');
  expect((await sortie('plan', '-f', 'nodes.yaml')).stdout).toContain('; all 3 nodes $');
});
