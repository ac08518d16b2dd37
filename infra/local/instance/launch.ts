import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Inherited } from '../environment.ts';
import { endpointsPath } from '../wire/endpoints-file.ts';
import type { Boot } from '../wire/faults.ts';
import { type AgentProgram, agentsFolder } from './agent-program.ts';
import { layImage } from './image.ts';
import { processIdentity } from './processes.ts';
import type { InstanceIdentity } from './protocol.ts';
import { inSandbox, type SandboxedProcess, type SandboxKind } from './sandbox.ts';
import { sightOf } from './sight.ts';

export const instanceDirectory = (data: string, instance: string): string =>
  join(data, 'instances', instance);

/** An environment entry that no other process on the machine has, other installations' instances included. */
export const markerOf = (data: string, instance: string): string => `SORTIE_SANDBOX=${instance}@${data}`;

/**
 * Starts an instance: its directory, and in it a process tree that outlives this process. Throws when the process
 * cannot be started at all.
 */
export function launchInstance(options: {
  readonly instance: string;
  /** Its agent's, for SSM. */
  readonly token: string;
  readonly data: string;
  readonly region: string;
  readonly privateIp: string;
  readonly userData: Buffer | null;
  readonly fate: Boot;
  /** When, after its start, its agent registers and its user data begins. Milliseconds. */
  readonly after: { readonly agent: number; readonly userData: number };
  readonly inherited: Inherited;
  readonly sandbox: SandboxKind;
  /** Folders that it does not see, beside the data folder. */
  readonly hides: readonly string[];
  readonly agent: AgentProgram;
  readonly onExit: () => void;
}): SandboxedProcess {
  const { instance, data, sandbox, agent } = options;
  const directory = instanceDirectory(data, instance);
  const marker = markerOf(data, instance);
  const at = (name: string) => join(directory, name);

  // A crash between launch and record leaves a directory behind: the instance boots afresh.
  rmSync(directory, { recursive: true, force: true });
  for (const name of ['bin', 'home', 'tmp', 'sortie']) mkdirSync(at(name), { recursive: true, mode: 0o755 });
  layImage(at('bin'), options.inherited.PATH);
  for (const name of ['shutdown', 'poweroff']) symlinkSync(agent.shutdown, at(`bin/${name}`));
  const registers = options.fate !== 'never-registers';
  // A file where the folder of the jobs belongs: root's writes fail there too, as on a full disk.
  if (options.fate === 'disk-full') writeFileSync(at('sortie/jobs'), '');
  if (options.userData && registers) writeFileSync(at('user-data'), options.userData, { mode: 0o700 });
  const [markerName = '', ...markerValue] = marker.split('=');
  const env = {
    ...options.inherited,
    PATH: `${at('bin')}:${options.inherited.PATH}`,
    HOME: at('home'),
    TMPDIR: at('tmp'),
    SORTIE_HOME: at('sortie'),
    SORTIE_INSTANCE_ADDRESS: options.privateIp,
    LANG: 'C.UTF-8',
    USER: 'root',
    LOGNAME: 'root',
    SHELL: '/bin/sh',
    [markerName]: markerValue.join('='),
  };
  const endpoints = registers ? endpointsPath(agentsFolder(data)) : at('nowhere.json');
  const { token, region, after } = options;
  const identity: InstanceIdentity = { instance, token, region, endpoints, marker, sandbox, after, env };
  writeFileSync(at('instance.json'), JSON.stringify(identity), { mode: 0o600 });

  const sight = sightOf({
    hidden: [...options.hides, data],
    directory,
    agents: agentsFolder(data),
    inherited: options.inherited,
  });
  const { file, args } = inSandbox(sandbox, [process.execPath, agent.entry, directory], sight);
  const log = openSync(at('console.log'), 'a');
  const child = spawn(file, args, { cwd: at('home'), detached: true, stdio: ['ignore', log, log], env });
  closeSync(log);
  child.unref();
  child.once('exit', options.onExit);
  // Without a pid the error comes as an event too; the throw below tells it.
  child.once('error', () => {});
  const started = child.pid === undefined ? undefined : processIdentity(child.pid);
  if (child.pid === undefined || started === undefined) {
    throw new Error(`the process of ${instance} did not start: ${file} (sandbox ${sandbox})`);
  }
  return { kind: sandbox, pid: child.pid, identity: started };
}
