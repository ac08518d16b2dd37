import { describe, expect, test, vi } from 'vitest';
import { docker, testImage } from '../infra/runner/container/engine.ts';
import { needing } from '../needs.ts';
import { PATIENCE_MS } from '../patience.ts';
import { final, running, textOf } from './fixtures/client.ts';
import { filesWith } from './fixtures/data-folder.ts';
import { embeddedForFile } from './fixtures/embedded.ts';
import { containersOfInstances } from './fixtures/instance-containers.ts';

describe('a run in a container, on the embedded AWS', needing('engine', 'busybox'), () => {
  // What is made first goes last: an image that a container still has would stay behind without a name.
  const image = testImage();
  const on = embeddedForFile();
  const containers = containersOfInstances(on);

  const begun = (configuration: object) =>
    on.client.submit({ resources: { cpu: 2, memory: '1GB..' }, image: image.name, ...configuration });
  async function finished(configuration: object) {
    const { id } = await begun(configuration);
    return on.client.until(id, 'over', final);
  }
  const saidBy = async (id: string) => textOf(await on.client.logs(id));
  const ready = (id: string) =>
    vi.waitFor(async () => expect(textOf(await on.client.logsSoFar(id))).toContain('ready'), {
      timeout: PATIENCE_MS,
      interval: 50,
    });
  const lastOf = (run: { jobs: { submissions: unknown[] }[] }) => run.jobs[0]?.submissions.at(-1);
  const instanceOf = (run: Awaited<ReturnType<typeof finished>>) =>
    run.jobs[0]?.submissions.at(-1)?.instance ?? null;
  const tools = (changes: object = {}) => ({ lifetime: 'persistent', name: 'tools', ...changes });
  const INSTALL = 'printf "#!/bin/sh\\necho the tool runs\\n" >/bin/tool; chmod +x /bin/tool';

  test('its output and its exit status are those of the commands, and the container is gone with it', async () => {
    const done = await finished({ commands: ['cat /etc/passwd | tail -n 1', 'echo $SORTIE_RUN_NAME'] });
    expect(done).toMatchObject({ status: 'done', termination_reason: 'all_jobs_done' });
    expect(await saidBy(done.id)).toBe(`worker:x:1234:1234::/tmp:/bin/sh\n${done.name}\n`);
    expect(lastOf(done)).toMatchObject({ exit_status: 0, container: { how: 'started' } });

    const failed = await finished({ commands: ['echo before', 'exit 7'] });
    expect(failed).toMatchObject({ status: 'failed', termination_reason: 'job_failed' });
    expect(lastOf(failed)).toMatchObject({
      termination_reason: 'container_exited_with_error',
      exit_status: 7,
    });
    expect((await on.client.why(failed.id)).cause).toMatchObject({
      kind: 'exit_status',
      message: expect.stringContaining('`exit 7` (command 2 of 2) exited 7'),
    });
    expect(await containers.all()).toEqual([]);
  });

  test('commands that ignore TERM are killed after stop_duration, and the container goes', async () => {
    const { id } = await begun({
      commands: ["trap '' TERM; echo ready; while :; do sleep 0.05; done"],
      stop_duration: '1s',
    });
    await ready(id);
    expect(await containers.all()).toHaveLength(1);
    await on.client.stop(id, 'graceful');
    const run = await on.client.until(id, 'over', final);
    expect(run).toMatchObject({ status: 'terminated', termination_reason: 'stopped_by_user' });
    expect(lastOf(run)).toMatchObject({ signal: 'SIGKILL', exit_status: null });
    expect(await containers.all()).toEqual([]);
  });

  test('its secrets are in the bucket while it runs, and then in no store', async () => {
    const secrets = ['h5Lp-a-password-of-this-test-Zx20', 'w1Gd-a-licence-of-this-test-Ry84'];
    const { id } = await begun({
      env: { PASSWORD: secrets[0] },
      registry_auth: { username: 'me', password: '${{ env.PASSWORD }}' },
      container: { env: { LICENCE: secrets[1] } },
      commands: ['[ -n "$LICENCE" ] && echo ready; while :; do sleep 0.05; done'],
      stop_duration: '1s',
    });
    await ready(id);
    for (const secret of secrets) {
      const holders = filesWith(on.dataDir, secret);
      expect(holders).not.toEqual([]);
      expect(holders.filter((file) => !file.startsWith(`${on.dataDir}/s3/`))).toEqual([]);
    }
    await on.client.stop(id, 'graceful');
    await on.client.until(id, 'over', final);
    for (const secret of secrets)
      await vi.waitFor(() => expect(filesWith(on.dataDir, secret)).toEqual([]), PATIENCE_MS);
  });

  test('an image that cannot be had is named, with the reason', async () => {
    const run = await finished({ image: '127.0.0.1:9/no-such:1', commands: ['true'] });
    expect(run).toMatchObject({ status: 'failed', termination_reason: 'job_failed' });
    expect(run.message).toMatch(
      /^image: 127\.0\.0\.1:9\/no-such:1 could not be pulled: .*connection refused; check its name and that the instance reaches/,
    );
    const { cause } = await on.client.why(run.id);
    expect(cause.kind).toBe('setup_failed');
    expect(cause.message).toContain(run.message);
    expect(await containers.all()).toEqual([]);
  });

  test('a set-up script that fails is told with its exit code and its output', async () => {
    const run = await finished({
      container: { setup_script: 'echo installing\necho the disk is too small >&2\nexit 3' },
      commands: ['echo never'],
    });
    expect(run).toMatchObject({ status: 'failed', termination_reason: 'job_failed' });
    expect(run.message).toMatch(
      /^setup_script failed with exit code 3 in \S*-sortie-\S+: installing\nthe disk is too small$/,
    );
    expect(await saidBy(run.id)).toBe('installing\nthe disk is too small\n');
    const { cause } = await on.client.why(run.id);
    expect(cause).toMatchObject({ kind: 'setup_failed', message: expect.stringContaining('exit code 3') });
    expect(await containers.all()).toEqual([]);
  });

  test('what one run installs in a persistent container, the next one uses in the same', async () => {
    const first = await finished({
      container: tools({ setup_script: 'touch /set-up\n' }),
      commands: [INSTALL],
    });
    expect(first).toMatchObject({ status: 'done' });
    const second = await finished({
      container: tools(),
      creation_policy: 'reuse',
      commands: ['tool', 'ls /set-up'],
    });
    expect(second).toMatchObject({ status: 'done' });
    expect(await saidBy(second.id)).toBe('the tool runs\n/set-up\n');
    expect(instanceOf(second)).toBe(instanceOf(first));

    // The same container, as its user sees it and as the engine does.
    const [one, other] = [first, second].map((run) => run.jobs[0]?.submissions[0]?.container);
    expect(one).toMatchObject({ how: 'started' });
    expect(other).toEqual({ ...one, how: 'attached' });
    const [name = ''] = await containers.all();
    expect(await docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', name)).toBe(
      `${one?.id} ${one?.started_at}`,
    );
    const told = (await on.client.why(second.id)).chain.map(({ what }) => what);
    expect(told).toContainEqual(
      expect.stringMatching(/^container \S*tools \(\w{12}\) runs, attached to it, from \S+ \(\w{12}\)$/),
    );
  });

  test('instances on one machine each have their container of a name, and take no other along', async () => {
    const both = await Promise.all(
      [1, 2].map((n) =>
        begun({
          instance_types: ['c6i.large'],
          container: tools(),
          commands: [`echo ${n} >/mine; echo ready; while :; do sleep 0.05; done`],
          stop_duration: '1s',
        }),
      ),
    );
    const runs = await Promise.all(both.map(({ id }) => on.client.until(id, 'running', running)));
    await Promise.all(runs.map(({ id }) => ready(id)));
    const [doomed, spared] = runs.map(instanceOf);
    expect(doomed).not.toBe(spared);
    const [[gone = ''], [kept = '']] = [await containers.of(doomed), await containers.of(spared)];
    expect(gone).toMatch(/-tools$/);
    expect(kept).toMatch(/-tools$/);
    expect(gone).not.toBe(kept);
    expect(await docker('exec', gone, 'cat', '/mine')).toBe('1');
    expect(await docker('exec', kept, 'cat', '/mine')).toBe('2');

    await on.client.stop(`${runs[0]?.id}`, 'abort');
    await vi.waitFor(async () => expect(await containers.of(doomed)).toEqual([]), PATIENCE_MS);
    expect(await containers.of(spared)).toEqual([kept]);
    expect(await docker('inspect', '--format', '{{.State.Running}}', kept)).toBe('true');
    await on.client.stop(`${runs[1]?.id}`, 'graceful');
    await on.client.until(`${runs[1]?.id}`, 'over', final);
    expect(await containers.of(spared)).toEqual([kept]);
  });
});
