import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FleetList } from '../../domain/api/instance.ts';
import { embeddedForFile } from './fixtures/embedded.ts';

const on = embeddedForFile();
const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

async function sortie(...args: string[]) {
  const env = { PATH: process.env['PATH'], SORTIE_URL: on.sortie.url, SORTIE_TOKEN: on.sortie.token };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

test('sortie canary shows the most that it can cost, runs its cases, and says what worked and how long each step took', async () => {
  const { code, stdout, stderr } = await sortie('canary', '-y', '--skip', 'container');
  expect(stderr).toMatch(/At most \$[\d.]+, if each took its whole 10m/);
  expect(stderr).toContain('all 6 cases worked');
  expect(stdout).toMatch(/^CASE +RESULT +INSTANCE TYPE +PLACE +LAUNCH +BOOT/);
  // An idle instance is neither launched nor booted.
  expect(stdout).toMatch(/^warm-start +worked +\S+ +\S+ +– +–/m);
  expect(code).toBe(0);
  const { fleets } = FleetList.parse(JSON.parse((await sortie('fleet', '--json')).stdout));
  // Deleted, it is listed until its instances have ended.
  const left = fleets.filter(
    ({ name, admission }) => name.startsWith('canary-') && admission.status !== 'closed',
  );
  expect(left).toEqual([]);
});
