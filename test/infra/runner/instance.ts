import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Exit } from '../../../infra/runner/contract.ts';
import { bundleRunner } from '../../../infra/runner/bundle-runner.ts';
import { type DocumentKind, documents } from '../../../infra/runner/documents/documents.ts';
import { eventually } from './eventually.ts';

export type Instance = Awaited<ReturnType<typeof startInstance>>;
export type Ran = { status: number | null; output: string };

/** A machine of one directory, on which the documents run as the SSM agent runs them: by `sh`, from a file. */
export async function startInstance() {
  const home = fs.mkdtempSync(join(tmpdir(), 'sortie-instance-'));
  fs.chmodSync(home, 0o711);
  const all = documents('sortie-test', await bundleRunner());
  const env = { SORTIE_HOME: home, PATH: `${dirname(process.execPath)}:${process.env.PATH}`, AGENT_SECRET: 'agents-own' };

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
      const shell = spawn('sh', [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      shell.stdout.on('data', (chunk) => {
        output += chunk;
      });
      shell.on('close', (status) => resolve({ status, output: output.trim() }));
    });
  }

  const fileOf = (submission: string, name: string) => join(home, 'jobs', submission, name);
  const read = (submission: string, name: string) => {
    const path = fileOf(submission, name);
    return fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : null;
  };
  const pid = (submission: string, name: 'supervisor.pid' | 'commands.pid') => Number(read(submission, name)) || null;
  const isAlive = (process: number) => fs.existsSync(`/proc/${process}`) && !/^State:\tZ/m.test(fs.readFileSync(`/proc/${process}/status`, 'utf8'));

  return {
    home,
    startJob: (submission: string, bundleUrl: string) => run('start-job', { submission, bundleUrl }),
    stopJob: (submission: string, mode: 'graceful' | 'abort', reason = 'a test') => run('stop-job', { submission, mode, reason }),
    probe: async () => {
      const { output } = await run('probe', {});
      return output.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    fileOf,
    read,
    pid,
    exit: (submission: string) =>
      eventually(`exit of ${submission}`, () => JSON.parse(read(submission, 'exit') ?? 'null') as Exit | null),
    supervisorGone: (submission: string) =>
      eventually(`end of the supervisor of ${submission}`, () => !isAlive(pid(submission, 'supervisor.pid') ?? 0)),
    remove() {
      for (const submission of fs.existsSync(join(home, 'jobs')) ? fs.readdirSync(join(home, 'jobs')) : []) {
        for (const name of ['supervisor.pid', 'commands.pid'] as const) {
          const one = pid(submission, name);
          if (one !== null && isAlive(one)) process.kill(one, 'SIGKILL');
        }
      }
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

let count = 0;
/** An id of the contract's form, new each time. */
export const newSubmission = () => `01hzzzzzzzzzzzzzzzzzzzzzzz-0-${count++}`;
