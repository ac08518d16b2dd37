import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { needing } from '../../../needs.ts';
import { world } from '../world.ts';
import { containerOf, containersOf, docker, removeContainersOf, testImage } from './engine.ts';
import { type Registry, startRegistry } from './registry.ts';
import { standIns } from './stand-in.ts';

const PASSWORD = 'pa55-w0rd-of-the-registry';
/** Of that password, by bcrypt, as `htpasswd -B` writes it. */
const HTPASSWD = 'alice:$2y$05$abcdefghijklmnopqrstuuOglGZF0aWnTu1qazhDzuwFQik3kYS9K\n';

describe('an image in a private registry', needing('engine', 'busybox', 'registry'), () => {
  // Every command line that the runner gives the engine's client is written down, and then really done.
  const recorder = standIns({
    docker: 'echo "$*" >>"${0%/*}/command-lines"; PATH=${PATH#*:*:}; exec docker "$@"',
  });
  const at = world('sh', { path: recorder.path });
  const image = testImage();
  let folder: string;
  let registry: Registry;
  let pushed: string;

  beforeAll(async () => {
    folder = fs.mkdtempSync(join(tmpdir(), 'sortie-registry-'));
    fs.writeFileSync(join(folder, 'htpasswd'), HTPASSWD);
    registry = await startRegistry(folder, { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } });
    pushed = `${registry.address}/tests/${image.name}`;
    await docker('tag', image.name, pushed);
    const auth = Buffer.from(`alice:${PASSWORD}`).toString('base64');
    fs.writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({ auths: { [registry.address]: { auth } } }),
    );
    await docker('--config', folder, 'push', pushed);
    await docker('rmi', pushed);
  });
  afterEach(async () => {
    await removeContainersOf(at.instance.home);
    await docker('rmi', '--force', pushed).catch(() => '');
  });
  afterAll(() => {
    registry.end();
    for (const path of [folder, recorder.folder]) fs.rmSync(path, { recursive: true, force: true });
  });

  const jobWith = (password: string) => ({
    commands: ['echo got it'],
    env: { SECRET: 's3cr3t-of-the-job', SECRET_LINES: 's3cr3t-of\nthe-job' },
    container: containerOf(pushed, {
      registry_auth: { username: 'alice', password },
      env: { INNER: 's3cr3t-of-the-container' },
    }),
  });

  test('is pulled with the right credentials, which nobody else gets to see', async () => {
    const { submission, exit, log } = await at.run(jobWith(PASSWORD));
    expect(exit).toMatchObject({ status: 0, message: null });
    expect(log).toBe('got it\n');
    const stages = at.server.reports(submission).flatMap(({ stage }) => (stage ? [stage] : []));
    expect(stages[0]).toMatchObject({ name: 'pulling', message: expect.stringContaining(pushed) });
    await at.instance.supervisorGone(submission);
    const lines = fs.readFileSync(join(recorder.folder, 'command-lines'), 'utf8');
    expect(lines).toContain(`pull ${pushed}`);
    const auth = Buffer.from(`alice:${PASSWORD}`).toString('base64');
    const secrets = [PASSWORD, auth, 's3cr3t'];
    const job = at.instance.fileOf(submission, '.');
    const files = fs.readdirSync(job).filter((name) => fs.statSync(join(job, name)).isFile());
    const written = files.map((name) => at.instance.read(submission, name)).join('\n');
    const said = JSON.stringify(at.server.reports(submission));
    for (const secret of secrets) expect(lines + written + said).not.toContain(secret);
    expect(fs.existsSync(join(job, 'registry'))).toBe(false);
  });

  test('is told to be missing where it is not there, with the right credentials too', async () => {
    const { container, ...job } = jobWith(PASSWORD);
    const { exit } = await at.run({ ...job, container: { ...container, image: `${pushed}-no` } });
    expect(exit).toMatchObject({ cause: 'setup', status: null });
    expect(exit.message).toMatch(
      /^image: \S+:1-no could not be pulled: .*unknown.*; check its name and tag$/s,
    );
  });

  test.each([
    ['wrong ones', 'wrong-pa55'],
    ['none', null],
  ])('is refused with %s, and the reason tells no secret', async (_, password) => {
    const job = jobWith(password ?? '');
    const container = { ...job.container, ...(password === null ? { registry_auth: null } : {}) };
    const { submission, exit } = await at.run({ ...job, container });
    expect(exit).toMatchObject({ cause: 'setup', status: null });
    expect(exit.message).toMatch(/^image: .* could not be pulled: .*(unauthorized|no basic auth)/s);
    expect(JSON.stringify(at.server.reports(submission))).not.toContain('wrong-pa55');
    expect(await containersOf(at.instance.home)).toEqual([]);
  });
});
