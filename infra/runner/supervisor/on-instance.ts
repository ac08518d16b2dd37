import * as fs from 'node:fs';
import { fail, ok } from '../../../domain/kernel/result.ts';
import type { Bundle } from '../contract.ts';
import { type ShellEnd, startShell } from './commands.ts';
import type { JobDirectory } from './job-directory.ts';
import { jobProcesses } from './job-processes.ts';
import { hostfile, nodeVariables, toldOf } from './nodes.ts';
import type { Place } from './place.ts';
import { endOf } from './recorder.ts';
import { parseProgress, script } from './script.ts';
import { prepareSetting } from './setting.ts';
import { takeShell } from './take-shell.ts';

/** All commands in one shell on the instance itself. */
export function onInstance(bundle: Bundle, job: JobDirectory): Place {
  const progress = async () => parseProgress(fs.readFileSync(job.pathOf('command'), 'utf8'));
  const processesOf = (pid: number | null) => jobProcesses(pid, bundle.submission);
  const told = async (end: ShellEnd) => endOf(end, await progress());
  return {
    open: async () => ok(null),
    settle: async () => ok(null),
    async start(nodes) {
      const setting = prepareSetting(bundle, job, nodeVariables(nodes, job.pathOf('hostfile')));
      if (!setting.ok) return setting;
      const { owner, directory, env } = setting.value;
      const write = (name: 'commands' | 'hostfile' | 'command', text: string) => {
        fs.writeFileSync(job.pathOf(name), text, { mode: 0o600 });
        fs.chownSync(job.pathOf(name), owner.uid, owner.gid);
      };
      write('hostfile', hostfile(nodes, bundle.env));
      write('command', '');
      write('commands', script(toldOf(nodes, bundle), job.pathOf('command')));
      const argv = [...setting.value.argv, job.pathOf('commands')];
      const shell = { argv, directory, env, input: null, owner, progress, processesOf };
      const started = await startShell(shell, job);
      if (!started.ok) return fail(`shell: cannot run '${bundle.shell}' on this instance (${started.error})`);
      return ok({ ...started.value, shellEnded: started.value.shellEnded.then(told) });
    },
    take() {
      const taken = takeShell({ processesOf, progress }, job);
      return taken && { ...taken, shellEnded: taken.shellEnded.then(told) };
    },
    leave: async () => ok(null),
  };
}
