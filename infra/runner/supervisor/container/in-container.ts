import * as fs from 'node:fs';
import { userInfo } from 'node:os';
import { takesScript } from '../../../../domain/container/entrypoint.ts';
import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { Bundle, BundledContainer } from '../../contract.ts';
import { CODE } from '../code/fetch-code.ts';
import { CODE_DIRECTORY, placeInContainer } from '../code/place-code.ts';
import { type Commands, startShell } from '../commands.ts';
import type { JobDirectory } from '../job-directory.ts';
import { hostfile, nodeVariables, ownAddress, toldOf } from '../nodes.ts';
import type { Place } from '../place.ts';
import { type Progress, parseProgress, script } from '../script.ts';
import { takeShell } from '../take-shell.ts';
import { endAsTold } from './end-as-told.ts';
import type { Engine, Inside, OwnCommand } from './engine.ts';
import { hasProgram } from './has-program.ts';
import { markedProcesses } from './marked-processes.ts';
import { recordedInside, withMissedEnd } from './missed-end.ts';
import { complaint, runCli } from './run-cli.ts';
import { endSsh } from './ssh/end-ssh.ts';
import { openSsh, type Within } from './ssh/open-ssh.ts';
import { workingDirectory } from './working-directory.ts';

/**
 * `name`: on the engine; `working`: there so far, of a container that we have just made; null: it
 * was there.
 */
type At = { engine: Engine; name: string; working: string | null; job: JobDirectory };

/** All commands in one shell in a container that is up and set up. */
export function inContainer(
  bundle: Bundle,
  container: BundledContainer,
  { engine, name, working, job }: At,
): Place {
  let settled = working === null;
  const folder = `/.sortie-${bundle.submission}`;
  const outside = job.pathOf(folder.slice(1));
  const ours = container.lifetime === 'per_run';
  const { submission, user } = bundle;

  const environment = (nodes: readonly string[]): Record<string, string> => ({
    ...nodeVariables(nodes, `${folder}/hostfile`),
    ...bundle.env,
    SORTIE_SUBMISSION_ID: submission,
  });
  const within = (nodes: readonly string[]): Within => {
    const at = settled ? name : (working ?? name);
    return { engine, container: at, folder, submission, user, env: environment(nodes) };
  };

  async function open(nodes: readonly string[], signal: AbortSignal): Promise<Result<null, string>> {
    if (bundle.ssh == null) return ok(null);
    // As the others were told it; a network that came up since may be listed before it.
    const own = nodes[bundle.gang?.rank ?? 0] ?? ownAddress();
    return openSsh(within(nodes), bundle.ssh, { own, nodes, signal });
  }

  async function start(nodes: readonly string[]): Promise<Result<Commands, string>> {
    const copied = await copyIn(nodes);
    if (!copied.ok) return fail(`the commands could not be copied into container ${name}: ${copied.error}`);
    const own = await engine.ownCommandOf(name);
    if (!own.ok) return own;
    const argv = commandLine(toldOf(nodes, bundle), bundle.shell, container, own.value, folder);
    if (argv.length === 0) return fail('the image has neither an entrypoint nor a command: write `commands`');
    const wanted = bundle.working_dir ?? (bundle.code == null ? null : CODE_DIRECTORY);
    const directory = await workingDirectory({ engine, name, user }, wanted, own.value.directory);
    if (!directory.ok) return directory;
    const where: Inside = { user, directory: directory.value, env: environment(nodes) };
    const at = { engine, container: name, from: `${folder}/${CODE}` };
    const placed = bundle.code == null ? ok(null) : await placeInContainer(bundle.code, where, at);
    if (!placed.ok) return fail(`container ${name}: ${placed.error}`);
    const found = await hasProgram({ engine, name }, where, bundle, container);
    if (!found.ok) return found;
    const reaching = bundle.ssh == null ? argv : ['sh', '-c', FIRST, 'sh', `${folder}/ssh/bin`, ...argv];
    const line = engine.exec(name, where, recordedInside(folder, reaching));
    if (!line.ok) return line;
    const env = { ...process.env, ...line.value.env } as Record<string, string>;
    const { uid, gid } = userInfo();
    const started = await startShell(
      { ...line.value, env, directory: job.home, owner: { uid, gid }, progress, processesOf },
      job,
    );
    return started.ok ? ok(watched(started.value)) : fail(`${engine.name}: ${started.error}`);
  }

  const processesOf = (client: number | null) =>
    markedProcesses(engine, name, { submission, user, client, ours });

  function take(): Commands | null {
    const taken = takeShell({ processesOf, progress }, job);
    return taken && watched(taken);
  }

  const watched = (commands: Commands) => endAsTold(withMissedEnd(commands, { engine, name, folder, job }));

  async function copyIn(nodes: readonly string[]): Promise<Result<null, string>> {
    fs.mkdirSync(outside, { recursive: true });
    if (bundle.code != null) fs.renameSync(job.pathOf(CODE), `${outside}/${CODE}`);
    const commands = script(toldOf(nodes, bundle), `${folder}/command`);
    fs.writeFileSync(`${outside}/commands`, `exec 2>&1\n${commands}`, { mode: 0o644 });
    // Whoever the image's user is writes to them.
    for (const file of ['command', 'status']) {
      fs.writeFileSync(`${outside}/${file}`, '');
      fs.chmodSync(`${outside}/${file}`, 0o666);
    }
    fs.writeFileSync(`${outside}/hostfile`, hostfile(nodes, bundle.env), { mode: 0o644 });
    const copied = await engine.copyIn(name, outside);
    fs.rmSync(outside, { recursive: true, force: true });
    return copied;
  }

  /** Asked of a command that has failed: the engine takes a while to answer. */
  async function progress(): Promise<Progress | null> {
    const where = { user: null, directory: null, env: {} };
    const line = engine.exec(name, where, ['cat', `${folder}/command`]);
    const read = line.ok ? await runCli(line.value, { milliseconds: PROGRESS_MS }) : null;
    return read?.status === 0 ? parseProgress(read.out) : null;
  }

  async function leave(): Promise<Result<null, string>> {
    if (ours || !settled) return engine.remove(settled ? name : (working ?? name));
    const ended = bundle.ssh == null ? ok(null) : await endSsh(within([]));
    const line = engine.exec(name, { user: '0', directory: null, env: {} }, ['rm', '-rf', folder]);
    const removed = line.ok ? await runCli(line.value) : null;
    return removed?.status === 0
      ? ended
      : fail(`${folder} stays in container ${name}: ${removed && complaint(removed)}`);
  }

  async function settle(): Promise<Result<null, string>> {
    const renamed = working === null || working === name ? ok(null) : await engine.rename?.(working, name);
    if (renamed?.ok === false) return fail(`container ${name} cannot have its name: ${renamed.error}`);
    settled = true;
    return ok(null);
  }

  return { open, settle, start, take, leave };
}

const PROGRESS_MS = 5_000;

/** A folder of programs that are found before the image's own. */
const FIRST = 'PATH=$1:$PATH; export PATH; shift; exec "$@"';

/** Both outputs into one, in the order of writing: the engine would carry them apart. */
function commandLine(
  commands: readonly string[],
  shell: string,
  { entrypoint }: BundledContainer,
  own: OwnCommand,
  folder: string,
): string[] {
  if (entrypoint === null && commands.length > 0) return [shell, `${folder}/commands`];
  const argv = entrypoint === null ? own.argv : [...entrypoint, ...argumentsOf(entrypoint, commands, folder)];
  return argv.length === 0 ? [] : ['sh', '-c', 'exec "$@" 2>&1', 'sh', ...argv];
}

/** A shell takes one text after its `-c`, and would run the first command alone. Without a trace of ours under `-x`. */
const argumentsOf = (
  entrypoint: readonly string[],
  commands: readonly string[],
  folder: string,
): readonly string[] =>
  takesScript(entrypoint) && commands.length > 0 ? [`{ . ${folder}/commands; } 2>/dev/null`] : commands;
