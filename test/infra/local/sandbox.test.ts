import { mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeSandbox, type SandboxKind, sandboxKinds } from '../../../infra/local/instance/sandbox.ts';
import { sightOf } from '../../../infra/local/instance/sight.ts';
import { needing } from '../../needs.ts';
import { type Cloud, startCloud, straysOf } from './cloud/cloud.ts';
import { until } from './cloud/until.ts';
import { temporaryFolder } from './fixtures/stack.ts';

/** What this machine offers: a newcomer's may have the process group only. */
const offered: SandboxKind[] = [];
for (const kind of sandboxKinds) {
  await probeSandbox([kind]).then(
    () => offered.push(kind),
    () => undefined,
  );
}

const offspring = [
  'setsid sh -c "sleep 1000" </dev/null >/dev/null 2>&1 &',
  'nohup sh -c "setsid sleep 1001 & setsid sleep 1002" </dev/null >/dev/null 2>&1 &',
  'sleep 1003 </dev/null >/dev/null 2>&1 &',
];

it('there is always the process group', () => expect(offered).toContain('process-group'));

describe.each(offered)('a sandbox by %s', (kind) => {
  let cloud: Cloud;
  let id: string;
  beforeEach(async () => {
    cloud = await startCloud({ sandbox: kind });
    [id = ''] = await cloud.launch();
    await cloud.online([id]);
  });
  afterEach(() => cloud.stop());

  const sleepers = async () => {
    const command = await cloud.send([id], offspring);
    expect(await cloud.ended(command, id)).toMatchObject({ status: 'Success' });
    await until(() => straysOf(cloud.data, id).length >= 5);
  };

  it('leaves nothing when the instance is terminated', async () => {
    await sleepers();
    await cloud.service.terminateAll();
    expect(straysOf(cloud.data)).toEqual([]);
  });

  it('leaves nothing when the instance shuts itself down', async () => {
    await sleepers();
    await cloud.send([id], ['shutdown -h now']);
    await until(() => cloud.service.stateOf(id) === 'terminated');
    expect(straysOf(cloud.data)).toEqual([]);
  });

  it('lets one instance end without harm to another', async () => {
    const [other = ''] = await cloud.launch();
    await cloud.online([other]);
    await sleepers();
    await cloud.send([id], ['shutdown -h now']);
    await until(() => cloud.service.stateOf(id) === 'terminated');
    const command = await cloud.send([other], ['echo here']);
    expect(await cloud.ended(command, other)).toMatchObject({ status: 'Success', stdout: 'here\n' });
  });

  it('collects the dead: no zombies stay behind', async () => {
    const orphans = Array.from({ length: 20 }, () => '(true &)').join('\n');
    await cloud.ended(await cloud.send([id], [orphans]), id);
    const command = await cloud.send(
      [id],
      ['cat /proc/[0-9]*/stat 2>/dev/null | grep -c "(true) Z" || true'],
    );
    expect((await cloud.ended(command, id)).stdout.trim()).toBe('0');
  });

  it('says which it is', () => {
    expect(cloud.service.sandbox).toBe(kind);
    expect(readdirSync(join(cloud.data, 'instances'))).toEqual([id]);
  });
});

describe('what bubblewrap hides', needing('bubblewrap'), () => {
  const home = temporaryFolder();
  afterAll(() => home.remove());

  it.each([
    ['a folder that is to be hidden', [home.path], 'gone\n'],
    ['no other folder', [], 'a key\n'],
  ])('is %s', async (_, hides, seen) => {
    writeFileSync(join(home.path, 'key'), 'a key\n');
    const cloud = await startCloud({ sandbox: 'bwrap', hides });
    const [id = ''] = await cloud.launch();
    await cloud.online([id]);
    const command = await cloud.send([id], [`cat ${home.path}/key 2>/dev/null || echo gone`]);
    expect(await cloud.ended(command, id)).toMatchObject({ stdout: seen });
    await cloud.stop();
  });

  it('is seen where it is needed: Node, the socket of the container engine, its own folder', () => {
    const [directory, agents, engine] = ['a', 'b', 'c'].map((name) => join(home.path, name));
    if (directory === undefined || agents === undefined || engine === undefined) throw new Error('three');
    for (const folder of [directory, agents, engine]) mkdirSync(folder);
    const inherited = { PATH: '', DOCKER_HOST: `unix://${engine}/docker.sock` };
    expect(sightOf({ hidden: [home.path, '/', '/not/there'], directory, agents, inherited })).toEqual({
      hidden: [home.path],
      shown: [
        { path: realpathSync(process.execPath), access: 'read' },
        { path: engine, access: 'write' },
        { path: agents, access: 'read' },
        { path: directory, access: 'write' },
      ],
    });
  });
});
