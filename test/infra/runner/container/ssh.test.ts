import { afterEach, describe, expect, test } from 'vitest';
import type { Bundle, BundledContainer } from '../../../../infra/runner/contract.ts';
import { engineName } from '../../../../infra/runner/supervisor/container/engine-name.ts';
import { KEEPER } from '../../../../infra/runner/supervisor/container/run-arguments.ts';
import { newSshKeys } from '../../../../infra/ssh-keys.ts';
import { needing } from '../../../needs.ts';
import { eventually } from '../eventually.ts';
import { newSubmission } from '../instance.ts';
import { world } from '../world.ts';
import { containerOf, containersOf, docker, removeContainersOf, testImage } from './engine.ts';
import { addOpenSsh } from './openssh.ts';

/** Of this process alone, on a machine where several test. */
const network = `127.15.${process.pid % 256}`;
const OWN = `${network}.1`;
/** An address that is nobody's of the run. */
const STRANGER = `${network}.9`;

describe('a node that others reach by ssh', needing('engine', 'busybox', 'sshd'), () => {
  const at = world('sh', { env: { SORTIE_INSTANCE_ADDRESS: OWN } });
  const image = testImage([], addOpenSsh);
  const bare = testImage();
  afterEach(() => removeContainersOf(at.instance.home));

  const ssh = newSshKeys();
  async function startNode(commands: string[], changes: Partial<Bundle> = {}) {
    const submission = newSubmission();
    const container = changes.container ?? containerOf(image.name);
    const told = container.lifetime === 'no_launch' ? 'attach' : 'launch';
    at.server.orders.set(submission, (report) => {
      if (report.arrived) return { order: 'prepare', container: told, nodes: [OWN] };
      return report.prepared ? { order: 'go', nodes: [OWN] } : null;
    });
    const bundle = { submission, commands, gang: { rank: 0, size: 2 }, ssh, ...changes, container };
    await at.instance.startJob(submission, at.server.bundleUrl(bundle));
    return submission;
  }
  async function runNode(commands: string[], changes: Partial<Bundle> = {}) {
    const submission = await startNode(commands, changes);
    const exit = await at.delivered(submission);
    return { submission, exit, log: at.server.log(submission).toString() };
  }
  /** One that is kept: what a job leaves in it can be looked for. */
  async function keptContainer(): Promise<{ name: string; container: BundledContainer }> {
    const container = containerOf(null, { lifetime: 'no_launch', name: 'theirs' });
    const name = engineName(container, '', at.instance.home);
    const label = `--label=sortie.home=${at.instance.home}`;
    await docker('run', '-d', '--network=host', `--name=${name}`, label, image.name, 'sh', '-c', KEEPER);
    return { name, container };
  }
  const leftIn = async (name: string) => ({
    processes: (await docker('exec', name, 'ps', '-o', 'args')).split('\n').slice(1).sort(),
    root: (await docker('exec', name, 'ls', '-A', '/'))
      .split('\n')
      .filter((one) => one.startsWith('.sortie')),
  });

  test.each([null, 'worker'])(
    'by the address alone, with the variables of its commands (user: %s)',
    async (user) => {
      const { exit, log } = await runNode(
        [
          'ssh $DSTACK_NODES_IPS \'id -un; echo "$MINE"; command -v ssh; exit 7\' </dev/null || echo "status $?"',
        ],
        { user, env: { MINE: `it's "mine"\nall of it` } },
      );
      expect(log).toMatch(
        /^(root|worker)\nit's "mine"\nall of it\n\/\.sortie-\S+\/ssh\/bin\/ssh\nstatus 7\n$/,
      );
      expect(log.startsWith(user ?? 'root')).toBe(true);
      expect(exit).toMatchObject({ cause: 'commands', status: 0 });
    },
  );

  test('lets nobody else in: not without the key, not from elsewhere, and takes no other for a node', async () => {
    const { log } = await runNode([
      'cd /.sortie-*/ssh',
      'try() { /usr/bin/ssh "$@" 2>&1 </dev/null | grep -o -E "let in|Permission denied|verification failed"; }',
      `try -F config ${OWN} echo let in`,
      `try -F config -o BindAddress=${STRANGER} ${OWN} echo let in`,
      'ssh-keygen -q -t ed25519 -N "" -f /tmp/another',
      `try -F none -p 10022 -o UserKnownHostsFile=known_hosts -o BatchMode=yes -i /tmp/another root@${OWN} echo let in`,
      `try -F config -o UserKnownHostsFile=/dev/null ${OWN} echo let in`,
      // Neither a way on to other places, nor another account.
      `try -F config -l worker ${OWN} echo let in`,
      `ssh -W 127.0.0.1:10022 ${OWN} </dev/null 2>&1 | grep -o "stdio forwarding failed"`,
      'ls -l | grep -v -E "^(-rw-------|drwx------|total)"; ls -ld . | cut -c1-10',
    ]);
    expect(log.split('\n')).toEqual([
      'let in',
      'Permission denied',
      'Permission denied',
      'verification failed',
      'Permission denied',
      'stdio forwarding failed',
      'drwx------',
      '',
    ]);
  });

  test('leaves nothing in a container that is kept: no process, no key, no port', async () => {
    const { name, container } = await keptContainer();
    const before = await leftIn(name);
    const { exit, log } = await runNode(
      [
        'ssh $SORTIE_NODES_IPS "echo came; sleep 1000 >/dev/null 2>&1 & setsid sleep 2000 >/dev/null 2>&1 &"',
        'ssh -f -n $SORTIE_NODES_IPS "sleep 3000" >/dev/null 2>&1',
      ],
      { container },
    );
    expect([exit, log]).toMatchObject([{ cause: 'commands', status: 0 }, 'came\n']);
    expect(await leftIn(name)).toEqual(before);
    const again = await runNode(['ssh $SORTIE_NODES_IPS echo again'], { container });
    expect(again.log).toBe('again\n');
    expect(await leftIn(name)).toEqual(before);
  });

  test('stopped while it is being opened leaves nothing either', async () => {
    const { name, container } = await keptContainer();
    const before = await leftIn(name);
    const submission = await startNode(['true'], { container });
    await eventually('its stage', () =>
      at.server.reports(submission).some(({ stage }) => stage?.message.includes('ssh')),
    );
    await at.instance.stopJob(submission, 'abort');
    expect(await at.delivered(submission)).toMatchObject({ cause: 'stopped' });
    expect(await leftIn(name)).toEqual(before);
  });

  test('stops what was started over ssh with the job, gracefully first', async () => {
    const { name, container } = await keptContainer();
    const before = await leftIn(name);
    const remote =
      'trap "echo told >/tmp/told; exit" TERM; echo up; exec >/dev/null 2>&1; while :; do sleep 0.05; done';
    const submission = await startNode([`ssh $SORTIE_NODES_IPS '${remote}' & trap : TERM; wait; wait`], {
      container,
    });
    await at.logged(submission, 'up\n');
    await at.instance.stopJob(submission, 'graceful');
    expect(await at.delivered(submission)).toMatchObject({ cause: 'stopped' });
    // The client that would have brought its output is stopped as well.
    expect(await docker('exec', name, 'cat', '/tmp/told')).toBe('told');
    expect(await leftIn(name)).toEqual(before);
  });

  test('says what an image lacks before anything runs, and what to do', async () => {
    const { exit } = await runNode(['echo never'], { container: containerOf(bare.name) });
    expect(exit).toMatchObject({
      cause: 'setup',
      message: expect.stringMatching(
        /^ssh: the image has no sshd and no ssh: install them there or in `setup_script` .*, or write `ssh: false`$/,
      ),
    });
    expect(await containersOf(at.instance.home)).toEqual([]);
  });

  test('says that a user without a name cannot come in', async () => {
    const { exit } = await runNode(['echo never'], { user: '4321' });
    expect(exit).toMatchObject({
      cause: 'setup',
      message: expect.stringMatching(/^ssh: user 4321 has no name/),
    });
  });

  test('says why sshd does not start', async () => {
    const taken = await startNode(['echo here; while :; do sleep 0.05; done']);
    await at.logged(taken, 'here');
    const { exit } = await runNode(['echo never']);
    expect(exit).toMatchObject({
      cause: 'setup',
      message: expect.stringMatching(
        /^ssh: sshd does not let the nodes in at 127\.15\.\d+\.1 port 10022: .*in use/,
      ),
    });
    await at.instance.stopJob(taken, 'abort');
    await at.delivered(taken);
  });
});
