import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, join } from 'node:path';
import type { Sighting } from '../../../../domain/container/sighting.ts';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { BundledContainer } from '../../contract.ts';
import type { JobDirectory } from '../job-directory.ts';
import type { Engine, Fresh } from './engine.ts';
import { enrootPull } from './enroot-pull.ts';
import { variablesFor } from './environment-flags.ts';
import { complaint, type Ended, runCli } from './run-cli.ts';
import { changedFields, imageIn, type Labels } from './started-with.ts';

/** Where it starts, and what came by the standard input, since Enroot knows of neither. */
const ENTER = 'cd "$1" && shift && while IFS= read -r l; do export "$l"; done && exec "$@" </dev/null';
const BOOT_MS = 30_000;
/** Waits until it is killed. Not Docker's: here it is no process 1, and a child of it, a `sleep`, would outlive it. */
const KEEPER = ['tail', '-f', '/dev/null'];
/** What we write down in a container that we make. */
const OWN = '/.sortie';
type Own = { image: string; submission: string; lifetime: string; labels?: Labels };

/**
 * Enroot: a root directory, and a process in it that waits. It has the network, the devices and the process ids of the
 * instance, so that many flags mean nothing to it; the process that waits is what the others enter.
 */
export function enrootEngine(job: JobDirectory): Engine {
  /** Of the processes that wait, by container, as last seen. */
  const keepers = new Map<string, number>();
  const imageOf = (image: string) =>
    join(job.home, 'images', `${createHash('sha256').update(image).digest('hex').slice(0, 16)}.sqsh`);
  const enroot = (args: string[], input: string | null = null) =>
    runCli({ argv: ['enroot', ...args], env: {}, input });
  const done = ({ status, cut, ...rest }: Ended): Result<null, string> =>
    status === 0 && cut === null ? ok(null) : fail(complaint({ status, cut, ...rest }));
  const inside = (container: string, input: string | null, ...argv: string[]) =>
    enroot(['exec', `${keepers.get(container)}`, ...argv], input);

  async function look(container: string, wanted: BundledContainer | null = null): Promise<Sighting> {
    const listed = await enroot(['list', '--fancy']);
    if (listed.status !== 0) return { state: 'unknown', why: complaint(listed) };
    const row = listed.out.split('\n').find((line) => line.split(/\s+/)[0] === container);
    if (row === undefined) return { state: 'absent' };
    const pid = row.split(/\s+/).find((column, index) => index > 0 && /^\d+$/.test(column));
    if (pid === undefined) return { state: 'stopped', id: container, status: 'not started' };
    keepers.set(container, Number(pid));
    const own = await readOwn(container);
    const labels = own?.labels ?? {};
    const since = fs.statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.ctime ?? new Date(0);
    const started_at = since.toISOString();
    return {
      state: 'running',
      id: `${container}@${pid}`,
      started_at,
      image_id: own?.image ?? null,
      tagged_image_id: null,
      image: imageIn(labels),
      changed: wanted === null ? [] : changedFields(labels, wanted),
    };
  }

  async function readOwn(container: string) {
    const { status, out } = await inside(container, null, 'cat', OWN);
    return status === 0 ? (JSON.parse(out) as Own) : null;
  }

  async function start({ name, image, container, volumes, labels }: Fresh): Promise<Result<null, string>> {
    if (container.network !== 'host') return fail('network: enroot has none but that of the instance');
    const variables = variablesFor(container.env);
    if (!variables.ok) return fail(`container.${variables.error}`);
    const from = fs.existsSync(image) ? image : imageOf(image);
    const created = done(await enroot(['create', '--name', name, from]));
    if (!created.ok) return created;
    const gpus = container.gpus?.vendor === 'nvidia' ? (container.gpus.indices?.join(',') ?? 'all') : null;
    const args = [
      ...['start', '--root', '--rw'],
      ...volumes.map((one) => `--mount=${one.instance_path}:${one.path}:none:x-create=dir,bind,${one.mode}`),
      ...variables.value.names.map((variable) => `--env=${variable}`),
      ...(gpus === null ? [] : [`--env=NVIDIA_VISIBLE_DEVICES=${gpus}`]),
    ];
    const said = fs.openSync(job.pathOf('engine.log'), 'a', 0o600);
    // Nobody's child in the end: a persistent one outlives us.
    const keeper = spawn('enroot', [...args, name, ...KEEPER], {
      env: { ...process.env, ...variables.value.env },
      detached: true,
      stdio: ['ignore', said, said],
    });
    fs.closeSync(said);
    keeper.unref();
    // That it never runs says it as well.
    keeper.on('error', () => {});
    for (const until = Date.now() + BOOT_MS; keeper.exitCode === null && Date.now() < until; ) {
      if ((await look(name)).state === 'running') {
        const own = JSON.stringify({
          image,
          submission: labels['sortie.submission'],
          lifetime: labels['sortie.lifetime'],
          labels,
        });
        return done(await inside(name, own, 'sh', '-c', `cat >${OWN}`));
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return fail(fs.readFileSync(job.pathOf('engine.log'), 'utf8').trim().slice(-500) || 'it did not start');
  }

  return {
    name: 'enroot',
    look,
    originOf: async (container) => ((await look(container)).state === 'running' ? readOwn(container) : null),
    hasImage: async (image) => fs.existsSync(imageOf(image)),
    pull: (image, auth, watch) => enrootPull(image, imageOf(image), auth, { watch, job }),
    load: async (tar) => ok(tar),
    async remove(container) {
      const sighting = await look(container);
      if (sighting.state === 'absent') return ok(null);
      if (sighting.state === 'running') process.kill(keepers.get(container) ?? 0, 'SIGKILL');
      return done(await enroot(['remove', '--force', container]));
    },
    start,
    rename: null,
    async copyIn(container, directory) {
      const to = `/${basename(directory)}`;
      for (const file of fs.readdirSync(directory)) {
        if (fs.statSync(join(directory, file)).isDirectory())
          return fail('`files` and `repos` are not supported yet with enroot');
        const text = fs.readFileSync(join(directory, file), 'utf8');
        const copy = 'mkdir -p "$1" && cat >"$1/$2"';
        const copied = done(await inside(container, text, 'sh', '-c', copy, 'sh', to, file));
        if (!copied.ok) return copied;
      }
      return ok(null);
    },
    kill: async () => fail('enroot has no process ids of its own: a job is known by its marker'),
    exec(container, { user, directory, env }, argv) {
      if (user !== null && user !== '0' && user !== 'root')
        return fail('user: enroot knows none but its own');
      const variables = variablesFor(env);
      if (!variables.ok) return variables;
      const named = variables.value.names.map((name) => `--env=${name}`);
      const entered = ['sh', '-c', ENTER, 'sh', directory ?? '.', ...argv];
      const whole = ['enroot', 'exec', ...named, `${keepers.get(container)}`, ...entered];
      return ok({ argv: whole, env: variables.value.env, input: variables.value.input });
    },
    // An image's entrypoint and command are in its `rc`.
    ownCommandOf: async () => ok({ argv: ['sh', '/etc/rc'], directory: '/' }),
  };
}
