import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ParameterRecord {
  readonly name: string;
  readonly value: string;
  readonly type: 'String' | 'SecureString';
  readonly version: number;
  readonly modifiedAt: number;
}

export interface ParameterStore {
  get(name: string): ParameterRecord | undefined;
  save(parameter: ParameterRecord): void;
  remove(name: string): 'removed' | 'missing';
  /** By name. */
  all(): readonly ParameterRecord[];
}

/**
 * One file a parameter, `DATA/parameters/<sha256 of the name>`, which its owner alone may read. Written beside and moved
 * into place, so that a start after a kill finds the old value or the new one, and a replaced value is nowhere else.
 */
export function openParameterStore(data: string): ParameterStore {
  const folder = join(data, 'parameters');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const left of readdirSync(folder).filter((file) => file.endsWith('.new')))
    rmSync(join(folder, left), { force: true });
  const fileOf = (name: string) => join(folder, createHash('sha256').update(name).digest('hex'));
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as ParameterRecord;
  const known = new Map(
    readdirSync(folder).map((file): [string, ParameterRecord] => {
      const parameter = read(join(folder, file));
      return [parameter.name, parameter];
    }),
  );
  return {
    get: (name) => known.get(name),
    save(parameter) {
      const file = fileOf(parameter.name);
      writeFileSync(`${file}.new`, JSON.stringify(parameter), { mode: 0o600 });
      renameSync(`${file}.new`, file);
      known.set(parameter.name, parameter);
    },
    remove(name) {
      rmSync(fileOf(name), { force: true });
      return known.delete(name) ? 'removed' : 'missing';
    },
    all: () => [...known.values()].sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
}
