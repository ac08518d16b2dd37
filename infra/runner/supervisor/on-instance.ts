import * as fs from 'node:fs';
import { fail, ok } from '../../../domain/kernel/result.ts';
import type { Bundle } from '../contract.ts';
import { startShell } from './commands.ts';
import type { JobDirectory } from './job-directory.ts';
import { jobProcesses } from './job-processes.ts';
import { hostfile, nodeVariables, toldOf } from './nodes.ts';
import type { Place } from './place.ts';
import { script } from './script.ts';
import { prepareSetting } from './setting.ts';

/** All commands in one shell on the instance itself. */
export function onInstance(bundle: Bundle, job: JobDirectory): Place {
  return {
    open: async () => ok(null),
    settle: async () => ok(null),
    async start(nodes) {
      const setting = prepareSetting(bundle, job, nodeVariables(nodes, job.pathOf('hostfile')));
      if (!setting.ok) return setting;
      const { prefix, owner, directory, env } = setting.value;
      const write = (name: 'commands' | 'hostfile', text: string) => {
        fs.writeFileSync(job.pathOf(name), text, { mode: 0o600 });
        fs.chownSync(job.pathOf(name), owner.uid, owner.gid);
      };
      write('hostfile', hostfile(nodes, bundle.env));
      write('commands', script(toldOf(nodes, bundle)));
      const argv = [...prefix, bundle.shell, job.pathOf('commands')];
      const processesOf = (pid: number) => jobProcesses(pid, bundle.submission);
      const started = await startShell({ argv, directory, env, input: null, owner, processesOf }, job);
      return started.ok
        ? started
        : fail(`shell: cannot run '${argv[0]}' on this instance (${started.error})`);
    },
    leave: async () => ok(null),
  };
}
