import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { userInfo } from 'node:os';
import { resolve, sep } from 'node:path';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { Bundle } from '../contract.ts';
import type { JobDirectory } from './job-directory.ts';
import { programPath } from './programs.ts';

/** Who runs the commands, where, with what around them. `argv` ends with the shell. */
export type Setting = { argv: string[]; owner: Owner; directory: string; env: Record<string, string> };
type Owner = { name: string; uid: number; gid: number; home: string };

/** Every process with this in its environment belongs to the job, however it was started. */
export const marker = (submission: string) => `SORTIE_SUBMISSION_ID=${submission}`;

export function prepareSetting(
  bundle: Bundle,
  job: JobDirectory,
  ofNodes: Record<string, string>,
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
  const directory = makeDirectory(bundle.working_dir, value, job);
  if (!directory.ok) return directory;
  const shell = programPath(bundle.shell);
  if (!shell.ok) return fail(`shell: cannot run '${bundle.shell}' on this instance (${shell.error})`);
  const { env, late } = splitEnvironment(environment(bundle, value, ofNodes));
  // setpriv and not spawn's uid: libuv drops the supplementary groups, and with them `docker` or `video`.
  const identity = [`--reuid=${value.uid}`, `--regid=${value.gid}`, '--init-groups', '--'];
  const programs = [...(another ? ['setpriv'] : []), ...(late.length > 0 ? ['env'] : [])];
  const argv: string[] = [];
  for (const name of programs) {
    const path = programPath(name);
    if (!path.ok) return fail(`cannot run '${name}' on this instance (${path.error})`);
    argv.push(path.value, ...(name === 'env' ? late : identity));
  }
  return ok({ argv: [...argv, shell.value], owner: value, directory: directory.value, env });
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

/** The job's own directory is made, and what is below it; anything else must be there. */
function makeDirectory(wanted: string | null, owner: Owner, job: JobDirectory): Result<string, string> {
  const own = job.pathOf('work');
  const directory = resolve(own, wanted ?? '.');
  if (directory === own || directory.startsWith(own + sep)) {
    const first = fs.mkdirSync(directory, { recursive: true });
    for (let path = directory; first && path.length >= first.length; path = resolve(path, '..')) {
      fs.chownSync(path, owner.uid, owner.gid);
    }
  } else if (!fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    return fail(`working_dir: there is no directory '${directory}' on this instance`);
  }
  return ok(directory);
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
