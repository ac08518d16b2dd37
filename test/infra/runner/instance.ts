import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleRunner } from '../../../infra/runner/bundle-runner.ts';
import type { Exit } from '../../../infra/runner/contract.ts';
import { type DocumentKind, documents } from '../../../infra/runner/documents/documents.ts';
import { marker } from '../../../infra/runner/supervisor/setting.ts';
import { RESIDENT } from '../../../infra/runner/supervisor/supervision.ts';
import { eventually } from './eventually.ts';
import { commandLine, environment, isAlive, processes } from './processes.ts';

export type Instance = Awaited<ReturnType<typeof startInstance>>;
export type Ran = { status: number | null; output: string };

const FULL = 'trap "" XFSZ; ulimit -f 0 && exec "$@"';

/** A machine of one directory, on which the documents run as the SSM agent runs them: by `sh`, from a file. Which shell that is, the image decides. */
export async function startInstance(
  shellOfImage: 'sh' | 'bash' = 'sh',
  {
    path = `${process.env.PATH}`,
    env: own = {},
    nodeOnPath = true,
  }: { path?: string; env?: Record<string, string>; nodeOnPath?: boolean } = {},
) {
  const home = fs.mkdtempSync(join(tmpdir(), 'sortie-instance-'));
  fs.chmodSync(home, 0o711);
  // What user data leaves.
  fs.writeFileSync(join(home, 'ready'), `${process.execPath}\n`);
  const all = documents('sortie-test', await bundleRunner());
  const env = {
    SORTIE_HOME: home,
    PATH: nodeOnPath ? `${dirname(process.execPath)}:${path}` : `${path}:/usr/bin:/bin`,
    // Where the tests' own client looks.
    ...(process.env.DOCKER_HOST !== undefined && { DOCKER_HOST: process.env.DOCKER_HOST }),
    AGENT_SECRET: 'agents-own',
    ...own,
  };

  let disk: 'free' | 'full' = 'free';
  const scripts = new Set<number>();

  function run(kind: DocumentKind, parameters: Record<string, string>): Promise<Ran> {
    const content = all.find((one) => one.kind === kind)?.content;
    const lines = content?.mainSteps[0]?.inputs.runCommand ?? [];
    for (const [name, { allowedPattern, allowedValues }] of Object.entries(content?.parameters ?? {})) {
      const value = parameters[name] ?? '';
      const allowed = allowedValues?.includes(value) ?? new RegExp(allowedPattern ?? '').test(value);
      if (!allowed) throw new Error(`InvalidParameters: ${name}`);
    }
    const text = lines.join('\n').replace(/\{\{ *(\w+) *\}\}/g, (_, name: string) => parameters[name] ?? '');
    const file = join(home, `script-${Math.random().toString(36).slice(2)}.sh`);
    fs.writeFileSync(file, text);
    return new Promise((resolve) => {
      const [program, args] =
        disk === 'full'
          ? (['sh', ['-c', FULL, 'sh', shellOfImage, file]] as const)
          : ([shellOfImage, [file]] as const);
      const shell = spawn(program, args, {
        argv0: 'sh',
        env,
        detached: true,
        stdio: ['ignore', 'pipe', disk === 'full' ? 'ignore' : 'inherit'],
      });
      if (shell.pid !== undefined) scripts.add(shell.pid);
      shell.on('exit', () => scripts.delete(shell.pid ?? 0));
      let output = '';
      shell.stdout.on('data', (chunk) => {
        output += chunk;
      });
      shell.on('close', (status) => resolve({ status, output: output.trim() }));
    });
  }

  const ours = (part: string, start = '') =>
    processes().filter((one) => {
      const line = commandLine(one);
      return line.startsWith(start) && line.includes(`${home}/runner/`) && line.includes(part);
    });
  const fileOf = (submission: string, name: string) => join(home, 'jobs', submission, name);
  const read = (submission: string, name: string) => {
    const path = fileOf(submission, name);
    return fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : null;
  };
  const pid = (submission: string, name: 'supervisor.pid' | 'commands.pid') =>
    Number(read(submission, name)) || null;

  return {
    home,
    startJob: (submission: string, bundleUrl: string) => run('start-job', { submission, bundleUrl }),
    stopJob: (submission: string, mode: 'graceful' | 'abort', reason = 'a test') =>
      run('stop-job', { submission, mode, reason }),
    probe: async () => {
      const { output } = await run('probe', {});
      return output
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    /** From now on no script, and nothing that it starts, can write a byte to a file: the limit of a size stands for the disk. */
    fillDisk: () => {
      disk = 'full';
    },
    freeDisk: () => {
      disk = 'free';
    },
    /** As the agent does it with a command that is cancelled, or late: the whole process group. */
    killScripts: () => {
      for (const script of scripts) process.kill(-script, 'SIGKILL');
    },
    fileOf,
    read,
    isDead: (submission: string, name: 'supervisor.pid' | 'commands.pid') =>
      !isAlive(pid(submission, name) ?? 0),
    write: (submission: string, name: string, text: string) =>
      fs.writeFileSync(fileOf(submission, name), text),
    age(name: string, seconds: number) {
      const then = Date.now() / 1000 - seconds;
      fs.utimesSync(join(home, name), then, then);
    },
    ageOf: (name: string) => (Date.now() - fs.statSync(join(home, name)).mtimeMs) / 1000,
    pid,
    exit: (submission: string) =>
      eventually(
        `exit of ${submission}`,
        () => JSON.parse(read(submission, 'exit') ?? 'null') as Exit | null,
      ),
    /** Its supervisor has nothing more to do for it, or is dead. */
    supervisorGone: (submission: string) =>
      eventually(
        `end of the supervisor of ${submission}`,
        () => !isAlive(pid(submission, 'supervisor.pid') ?? 0),
      ),
    residents: () => ours(RESIDENT),
    /** And whoever would start it again, unless that is to be seen. */
    async killResident(keeper: 'and its keeper' | 'but not its keeper' = 'and its keeper') {
      const killed = [...(keeper === 'and its keeper' ? ours('/runner/', 'sh ') : []), ...ours(RESIDENT)];
      for (const one of killed) process.kill(one, 'SIGKILL');
      await eventually('the end of the resident', () => !killed.some(isAlive));
    },
    /** Ends what the tests left running here, by its own marks. */
    remove() {
      const jobs = fs.existsSync(join(home, 'jobs')) ? fs.readdirSync(join(home, 'jobs')) : [];
      for (const one of processes()) {
        const ours =
          commandLine(one).includes(home) || jobs.some((job) => environment(one).includes(marker(job)));
        if (ours) process.kill(one, 'SIGKILL');
      }
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

/** An id of the contract's form, new each time: jobs are told apart by it machine-wide. */
export function newSubmission(): string {
  const run = Array.from(
    { length: 26 },
    () => '0123456789abcdefghjkmnpqrstvwxyz'[Math.floor(Math.random() * 32)],
  );
  return `${run.join('')}-0-0`;
}
