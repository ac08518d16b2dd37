import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { Bundle } from '../contract.ts';
import type { JobDirectory } from './job-directory.ts';
import { programPath } from './programs.ts';
import { isLackOfInstance } from './unstarted.ts';
import { makeUserFolder, type Owner } from './user-folder.ts';

/** Who runs the commands, where, with what around them. `argv` ends with the shell; `folder`: of what Sortie lays there for it. */
export type Setting = {
  argv: string[];
  owner: Owner;
  folder: string;
  directory: string;
  env: Record<string, string>;
};

/** Every process with this in its environment belongs to the job, however it was started. */
export const marker = (submission: string) => `SORTIE_SUBMISSION_ID=${submission}`;

export function prepareSetting(
  bundle: Bundle,
  job: JobDirectory,
  ofNodes: (folder: string) => Record<string, string>,
): Result<Setting, string> {
  const { uid, gid, homedir, username } = userInfo();
  const agent: Owner = { name: username, uid, gid, home: process.env.HOME || homedir };
  const owner = bundle.user === null ? ok(agent) : lookUp(bundle.user);
  if (!owner.ok) return owner;
  const { value } = owner;
  const another = value.uid !== uid || value.gid !== gid;
  if (another && uid !== 0) {
    return fail(
      `user: cannot become '${bundle.user}', since the agent of this instance is '${username}', not root`,
    );
  }
  const folder = makeUserFolder(job, value);
  const directory = makeDirectory(bundle.working_dir, value, join(folder, 'work'));
  if (!directory.ok) return directory;
  const shell = programPath(bundle.shell);
  if (!shell.ok) return fail(`shell: cannot run '${bundle.shell}' on this instance (${shell.error})`);
  const { env, late } = splitEnvironment(environment(bundle, value, ofNodes(folder)));
  // setpriv and not spawn's uid: libuv drops the supplementary groups, and with them `docker` or `video`.
  const identity = [`--reuid=${value.uid}`, `--regid=${value.gid}`, '--init-groups', '--'];
  const programs = [...(another ? ['setpriv'] : []), ...(late.length > 0 ? ['env'] : [])];
  const argv: string[] = [];
  for (const name of programs) {
    const path = programPath(name);
    if (!path.ok) return fail(`cannot run '${name}' on this instance (${path.error})`);
    argv.push(path.value, ...(name === 'env' ? late : identity));
  }
  return ok({ argv: [...argv, shell.value], owner: value, folder, directory: directory.value, env });
}

/** Read by the loader or by any shell as it starts, and so by the programs before the job's shell, which run as root. */
const READ_AT_START =
  /^(LD_\w+|GLIBC_TUNABLES|GCONV_PATH|SHELLOPTS|BASHOPTS|BASH_ENV|ENV|PS4|BASH_XTRACEFD)$/;

/** `late`: as arguments of `env(1)`, which is replaced by the job's shell. They name files and options, not secrets. */
function splitEnvironment(whole: Record<string, string>): { env: Record<string, string>; late: string[] } {
  const entries = Object.entries(whole);
  return {
    env: Object.fromEntries(entries.filter(([name]) => !READ_AT_START.test(name))),
    late: entries.filter(([name]) => READ_AT_START.test(name)).map(([name, value]) => `${name}=${value}`),
  };
}

/** getent, since users may come from a directory service and not from /etc/passwd. */
function lookUp(user: string): Result<Owner, string> {
  const [who = '', group] = user.split(':');
  const entry = getent('passwd', who);
  if (entry === null) return fail(`user: there is no '${who}' on this instance`);
  const [name = '', , uid, gid, , home = '/'] = entry;
  const other = group === undefined ? null : getent('group', group);
  if (group !== undefined && other === null)
    return fail(`user: there is no group '${group}' on this instance`);
  return ok({ name, uid: Number(uid), gid: Number(other?.[2] ?? gid), home });
}

function getent(database: 'passwd' | 'group', key: string): string[] | null {
  try {
    const found = execFileSync('getent', ['--', database, key], { stdio: ['ignore', 'pipe', 'ignore'] });
    return found.toString().trim().split(':');
  } catch {
    return null;
  }
}

/** A relative path begins in `work`, which is the job's own, `~` is the user's home. A missing one is made, the user's own. */
function makeDirectory(wanted: string | null, owner: Owner, work: string): Result<string, string> {
  const directory = resolve(work, (wanted ?? '.').replace(/^~(?=\/|$)/, owner.home));
  try {
    const first = fs.mkdirSync(directory, { recursive: true });
    for (let path = directory; first && path.length >= first.length; path = resolve(path, '..'))
      fs.chownSync(path, owner.uid, owner.gid);
    return ok(directory);
  } catch (error) {
    if (isLackOfInstance(error as Error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const problem =
      code === 'EEXIST' || code === 'ENOTDIR' ? 'is no directory' : 'is not there and cannot be made';
    return fail(`working_dir: '${directory}' ${problem} on this instance (${code})`);
  }
}

/** Nothing of the agent's own environment but the PATH, the language and where its engine is: it may hold secrets. */
function environment(bundle: Bundle, owner: Owner, ofNodes: Record<string, string>): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: process.env.LANG ?? 'C.UTF-8',
    ...(process.env.DOCKER_HOST !== undefined && { DOCKER_HOST: process.env.DOCKER_HOST }),
    HOME: owner.home,
    USER: owner.name,
    LOGNAME: owner.name,
    ...ofNodes,
    ...bundle.env,
    SORTIE_SUBMISSION_ID: bundle.submission,
  };
}

/** Whether the user may read what the shell is to run, and the shell itself: told before it is taken for the commands' end. */
export function tryOut({ argv, directory, env, owner }: Setting, commands: string): Result<null, string> {
  const [program = '', ...args] = argv;
  const tried = spawnSync(program, [...args, '-c', '[ -r "$1" ]', 'sh', commands], { cwd: directory, env });
  if (tried.status === 0) return ok(null);
  const said = tried.error?.message ?? (tried.stderr.toString().trim() || `'${commands}' cannot be read`);
  return fail(`user: '${owner.name}' cannot run the commands: ${said}`);
}
