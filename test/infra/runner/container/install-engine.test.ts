import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { INSTALL_DOCKER } from '../../../../infra/runner/supervisor/container/install-engine.ts';
import { pathWithout, standIns } from './stand-in.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true });
});

/** What a machine with these programs does. */
function install(...programs: string[]) {
  const record = (name: string) => [name, `echo "${name} $*" >>"$(dirname "$0")/done"`];
  const machine = standIns(Object.fromEntries(programs.map(record)));
  folders.push(machine.folder);
  const PATH = pathWithout(machine.folder, 'dnf', 'apt-get', 'systemctl');
  const { status, stderr } = spawnSync('sh', ['-c', INSTALL_DOCKER], { env: { PATH } });
  const written = join(machine.folder, 'done');
  const done = fs.existsSync(written) ? fs.readFileSync(written, 'utf8').trim().split('\n') : [];
  return { status, done, said: stderr.toString().trim() };
}

describe('an instance without an engine', () => {
  test('gets that of its distribution, which then runs', () => {
    expect(install('dnf', 'systemctl').done).toEqual([
      'dnf install -y docker',
      'systemctl enable --now docker',
    ]);
    const { done } = install('apt-get', 'systemctl');
    expect(done.map((line) => line.split(' ')[0])).toEqual(['apt-get', 'apt-get', 'systemctl']);
    expect(done[1]).toMatch(/install .* docker\.io$/);
  });

  test('says when it cannot', () => {
    expect(install('systemctl')).toEqual({ status: 1, done: [], said: 'there is neither dnf nor apt-get' });
  });
});
