import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedSortie, startEmbedded } from '../../infra/local/embedded-sortie.ts';
import { type Client, clientOf, final, running, textOf } from '../end-to-end/fixtures/client.ts';
import { clearAway, dataFolder } from '../end-to-end/fixtures/data-folder.ts';
import { needing } from '../needs.ts';

const resources = { cpu: 2, memory: '1GB..' };
const secret = 'the-secret-of-another-job-4cW1';

describe('a job', needing('bubblewrap'), () => {
  const dataDir = dataFolder();
  const own = mkdtempSync(join(homedir(), 'sortie-test-home-'));
  let sortie: EmbeddedSortie;
  let client: Client;
  /** Another run, of which the job is to learn nothing. */
  let other: { id: string; instance: string };

  beforeAll(async () => {
    writeFileSync(join(own, 'key'), 'a private key');
    sortie = await startEmbedded({ port: 0, dataDir });
    client = clientOf(sortie);
    const commands = ['sleep 1234 & until test -e "$HOME/go"; do sleep 0.05; done'];
    const { id } = await client.submit({ commands, env: { SECRET: secret }, resources });
    await client.until(id, 'running', running);
    const [instance] = await client.live();
    other = { id, instance: instance?.ec2_id ?? '' };
  });
  afterAll(async () => {
    await sortie?.close('end');
    rmSync(own, { recursive: true });
    await clearAway(dataDir);
  });

  /** What a job says that runs beside the other. */
  async function said(...commands: string[]): Promise<string> {
    const { id } = await client.submit({ commands, resources });
    expect(await client.until(id, 'over', final)).toMatchObject({ status: 'done' });
    return textOf(await client.logs(id));
  }

  test('reads and writes its own folders', async () => {
    expect(await said('cd; echo mine >file; cat file; cd /tmp; pwd')).toBe('mine\n/tmp\n');
  });

  test('sees of the data folder its own instance, and the agent’s program', async () => {
    const files = await said(`ls "${dataDir}" "${dataDir}/instances"; cat "${dataDir}/token" 2>&1 || true`);
    expect(files).toMatch(/^\S+:\nagents\ninstances\n\n\S+:\ni-[0-9a-f]{17}\ncat: .*No such file/);
    expect(files).not.toContain(other.instance);
  });

  test('cannot lay a program there that other instances run', async () => {
    expect(await said(`echo evil >"${dataDir}"/agents/evil 2>&1 || true`)).toContain('Read-only file system');
  });

  test('neither sees nor signals the processes of the other', async () => {
    const seen = await said(
      `grep -l ${secret.slice(0, 12)} /proc/[0-9]*/environ 2>/dev/null || true`,
      'ps -e -o args= 2>/dev/null | grep "slee[p] 1234" || echo none',
      'kill -KILL -1 2>/dev/null & sleep 0.2; echo alive',
    ).catch(() => 'none\n');
    expect(seen).toMatch(/^none\n/);
    expect(await client.run(other.id)).toMatchObject({ status: 'running' });
  });

  test('gets nothing from the embedded AWS without credentials, and has none', async () => {
    const { ec2, credentials } = sortie.aws;
    const body = 'Action=RunInstances&MinCount=1&MaxCount=1&ImageId=ami-1&InstanceType=m5.large';
    const asked = await said(
      `"${process.execPath}" -e 'fetch("${ec2.endpoint}", { method: "POST", body: "${body}" }).then((a) => a.text()).then(console.log)'`,
      'env',
    );
    expect(asked).toContain('MissingAuthenticationToken');
    expect(asked).not.toContain(credentials.secretAccessKey);
  });

  test('does not see the home folder', async () => {
    expect(await said(`cat "${own}/key" 2>&1 || true`)).toContain('No such file or directory');
  });
});
