import * as fs from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Stop } from '../contract.ts';

export type JobDirectory = {
  submission: string;
  /** `$H`. */
  home: string;
  pathOf(name: string): string;
  /** So that a reader sees all of it or none. */
  writeWhole(name: 'supervisor.pid' | 'supervision' | 'reported' | 'cgroup', text: string): void;
  /** Null: it is not there, or a full disk has cut it. */
  readLine(name: Kept): string | null;
  /** Why something went wrong, for those who look at the instance: nobody else hears of it. */
  complain(text: string): void;
  /** JSON, whole also after a power cut. */
  record(name: 'started' | 'exit', value: unknown): void;
  /** Shows the dead-man timer that Sortie is still there. */
  touchContact(): void;
  /** The order that stop-job left, if any. */
  readStop(): Stop | null;
};

type Kept =
  | ('supervisor.pid' | 'commands.pid' | 'copy.pid')
  | ('started' | 'status' | 'exit')
  | ('supervision' | 'reported' | 'cgroup');

/** `$H/jobs/<submission>`, as start-job made it. */
export function jobDirectory(path: string): JobDirectory {
  const pathOf = (name: string) => join(path, name);

  function write(name: string, text: string, beforeRename: (file: number) => void): void {
    const temporary = pathOf(`.${name}`);
    const file = fs.openSync(temporary, 'w', 0o600);
    fs.writeSync(file, text);
    beforeRename(file);
    fs.closeSync(file);
    fs.renameSync(temporary, pathOf(name));
  }

  function readLine(name: string): string | null {
    try {
      return /^(.+)\n/.exec(fs.readFileSync(pathOf(name), 'utf8'))?.[1] ?? null;
    } catch {
      return null;
    }
  }

  return {
    submission: basename(path),
    home: resolve(path, '../..'),
    pathOf,
    writeWhole: (name, text) => write(name, text, () => {}),
    record: (name, value) => write(name, `${JSON.stringify(value)}\n`, fs.fsyncSync),
    touchContact() {
      const now = new Date();
      fs.utimesSync(pathOf('../../contact'), now, now);
    },
    readStop: () => (fs.existsSync(pathOf('stop')) ? parsed(readLine('stop')) : null),
    readLine,
    complain(text) {
      try {
        fs.appendFileSync(pathOf('supervisor.log'), `${text}\n`, { mode: 0o600 });
      } catch {
        // The disk is full.
      }
    },
  };
}

function parsed(line: string | null): Stop | null {
  return line === null ? null : (JSON.parse(line) as Stop);
}
