import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JobDirectory } from './job-directory.ts';

export type Owner = { name: string; uid: number; gid: number; home: string };

/** In the job's directory: leads to the folder that its user has instead. */
const LINK = 'elsewhere';

/**
 * Where the user of the commands finds them and begins: the job's own directory, or a temporary one where the way to that is
 * closed to the user, as below a data folder that is its owner's alone.
 */
export function makeUserFolder(job: JobDirectory, owner: Owner): string {
  if (mayPass(job.pathOf('.'), owner)) return job.pathOf('.');
  const folder = fs.mkdtempSync(join(tmpdir(), 'sortie-'));
  fs.chownSync(folder, owner.uid, owner.gid);
  fs.rmSync(job.pathOf(LINK), { force: true });
  fs.symlinkSync(folder, job.pathOf(LINK));
  return folder;
}

/** The one that was made. */
export function userFolder(job: JobDirectory): string {
  try {
    return fs.readlinkSync(job.pathOf(LINK));
  } catch {
    return job.pathOf('.');
  }
}

/** What the job left in it would fill the disk. */
export function emptyUserFolder(job: JobDirectory): void {
  const folder = userFolder(job);
  const left = folder === job.pathOf('.') ? job.pathOf('work') : folder;
  fs.rmSync(left, { recursive: true, force: true });
}

/** Whether every directory on the way lets the user through. The groups of the user are not all known: fewer are tried. */
function mayPass(path: string, owner: Pick<Owner, 'uid' | 'gid'>): boolean {
  const { uid, gid } = owner;
  if (uid === 0 || uid === process.getuid?.()) return true;
  const { mode, uid: ofUser, gid: ofGroup } = fs.statSync(path);
  const bit = ofUser === uid ? 0o100 : ofGroup === gid ? 0o010 : 0o001;
  return (mode & bit) !== 0 && (path === '/' || mayPass(dirname(path), owner));
}
