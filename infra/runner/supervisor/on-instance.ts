import * as fs from 'node:fs';
import { join } from 'node:path';
import { fail, ok } from '../../../domain/kernel/result.ts';
import type { Bundle } from '../contract.ts';
import { placeOnInstance } from './code/place-code.ts';
import { type ShellEnd, startShell } from './commands.ts';
import type { JobDirectory } from './job-directory.ts';
import { jobProcesses } from './job-processes.ts';
import { hostfile, nodeVariables, toldOf } from './nodes.ts';
import type { Place } from './place.ts';
import { endOf } from './recorder.ts';
import { parseProgress, script } from './script.ts';
import { prepareSetting, tryOut } from './setting.ts';
import { takeShell } from './take-shell.ts';
import { userFolder } from './user-folder.ts';

/** All commands in one shell on the instance itself. */
export function onInstance(bundle: Bundle, job: JobDirectory): Place {
  const progress = async () => parseProgress(fs.readFileSync(join(userFolder(job), 'command'), 'utf8'));
  const processesOf = (pid: number | null) => jobProcesses(pid, bundle.submission);
  const told = async (end: ShellEnd) => endOf(end, await progress());
  return {
    open: async () => ok(null),
    settle: async () => ok(null),
    async start(nodes) {
      const setting = prepareSetting(bundle, job, (folder) => nodeVariables(nodes, join(folder, 'hostfile')));
      if (!setting.ok) return setting;
      const { owner, folder, directory, env } = setting.value;
      const placed = bundle.code == null ? ok(null) : await placeOnInstance(bundle.code, setting.value, job);
      if (!placed.ok) return placed;
      const write = (name: 'commands' | 'hostfile' | 'command', text: string) => {
        fs.writeFileSync(join(folder, name), text, { mode: 0o600 });
        fs.chownSync(join(folder, name), owner.uid, owner.gid);
      };
      write('hostfile', hostfile(nodes, bundle.env));
      write('command', '');
      write('commands', script(toldOf(nodes, bundle), join(folder, 'command')));
      const tried = bundle.user === null ? ok(null) : tryOut(setting.value, join(folder, 'commands'));
      if (!tried.ok) return tried;
      const argv = [...setting.value.argv, join(folder, 'commands')];
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
