import { fail, ok, type Result } from '../../../../domain/kernel/result.ts';
import type { JobDirectory } from '../job-directory.ts';
import type { Engine, Watch } from './engine.ts';
import { environmentFlags, fedByPipe, variablesFor } from './environment-flags.ts';
import { type Inspected, isAbsence, sightingOf } from './inspected.ts';
import { notLoaded, notPulled } from './not-pulled.ts';
import { pullProgress } from './pull-progress.ts';
import { withCredentials } from './registry-credentials.ts';
import { runArguments } from './run-arguments.ts';
import { complaint, type Ended, type Invocation, runCli } from './run-cli.ts';

/** Docker and Podman, by the command line that both have. */
export function dockerEngine(name: 'docker' | 'podman', job: JobDirectory): Engine {
  const line = (...args: string[]): Invocation => ({ argv: [name, ...args], env: {}, input: null });
  const done = async (running: Promise<Ended>): Promise<Result<null, string>> => {
    const ended = await running;
    return ended.status === 0 && ended.cut === null ? ok(null) : fail(complaint(ended));
  };
  const inspect = async (kind: 'container' | 'image', which: string) => {
    const ended = await runCli(line('inspect', `--type=${kind}`, which), { milliseconds: 30_000 });
    return { ended, found: parse(ended.out) };
  };

  async function pull(image: string, args: string[], watch: Watch): Promise<Result<null, string>> {
    const heard = pullProgress(image, watch.progress);
    const ended = await runCli(line(...args, image), {
      signal: watch.signal,
      milliseconds: watch.seconds * 1000,
      heard,
    });
    if (ended.cut === 'late') return fail(`${image} was not pulled within ${watch.seconds} s`);
    if (ended.status === 0 && ended.cut === null) return ok(null);
    return fail(notPulled(image, ended));
  }

  return {
    name,
    async look(container, wanted) {
      const { ended, found } = await inspect('container', container);
      const image = wanted?.image ?? null;
      const tagged = image === null ? null : ((await inspect('image', image)).found?.Id ?? null);
      return sightingOf(container, ended, found, { tagged, wanted });
    },
    async originOf(container) {
      const labels = (await inspect('container', container)).found?.Config?.Labels;
      const submission = labels?.['sortie.submission'];
      return submission === undefined ? null : { submission, lifetime: `${labels?.['sortie.lifetime']}` };
    },
    hasImage: async (image) => (await inspect('image', image)).found !== null,
    pull(image, auth, watch) {
      if (auth === null) return pull(image, ['pull'], watch);
      return withCredentials(job.pathOf('registry'), image, auth, (config) =>
        name === 'docker'
          ? pull(image, ['--config', config, 'pull'], watch)
          : pull(image, ['pull', `--authfile=${config}/config.json`], watch),
      );
    },
    async load(tar, { signal, seconds }) {
      const ended = await runCli(line('load', `--input=${tar}`), { signal, milliseconds: seconds * 1000 });
      if (ended.cut === 'late') return fail(`${tar} was not loaded within ${seconds} s`);
      const loaded = /^Loaded image(?: ID|\(s\))?: (\S+)/m.exec(ended.out)?.[1];
      return ended.status === 0 && loaded !== undefined ? ok(loaded) : fail(notLoaded(tar, ended));
    },
    async remove(container) {
      const removed = await done(runCli(line('rm', '--force', '--volumes', container)));
      return removed.ok || isAbsence(removed.error) ? ok(null) : removed;
    },
    async start(fresh, signal) {
      const made = runArguments(name, fresh, process.env['SORTIE_CGROUP'] ? 'sortie.slice' : null);
      if (!made.ok) return made;
      const { args, environment } = made.value;
      const { env, input } = environment;
      const argv = fedByPipe([name, ...args], input);
      return done(runCli({ argv, env, input }, { signal, milliseconds: 120_000 }));
    },
    rename: (from, to) => done(runCli(line('rename', from, to))),
    copyIn: (container, directory) => done(runCli(line('cp', directory, `${container}:/`))),
    kill: (container) => done(runCli(line('kill', container))),
    exec(container, { user, directory, env }, argv) {
      const variables = variablesFor(env);
      if (!variables.ok) return variables;
      const { input } = variables.value;
      const flags = environmentFlags(variables.value);
      const where = [
        ...(user === null ? [] : [`--user=${user}`]),
        ...(directory === null ? [] : [`--workdir=${directory}`]),
      ];
      const whole = fedByPipe([name, 'exec', ...where, ...flags, container, ...argv], input);
      return ok({ argv: whole, env: variables.value.env, input });
    },
    async ownCommandOf(container) {
      const { found } = await inspect('container', container);
      const image = (await inspect('image', `${found?.Image}`)).found?.Config;
      const directory = found?.Config?.WorkingDir || '/';
      return ok({ argv: [...list(image?.Entrypoint), ...list(image?.Cmd)], directory });
    },
  };
}

/** Podman says an entrypoint as one string where it has one word. */
const list = (words: string[] | string | null | undefined): string[] =>
  typeof words === 'string' ? words.split(' ').filter(Boolean) : (words ?? []);

function parse(text: string): Inspected | null {
  try {
    return (JSON.parse(text) as Inspected[])[0] ?? null;
  } catch {
    return null;
  }
}
