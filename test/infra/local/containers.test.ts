import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endContainers } from '../../../infra/local/instance/containers.ts';
import { needing } from '../../needs.ts';
import { containersOf, docker, removeContainersOf, testImage } from '../runner/container/engine.ts';
import { type Cloud, startCloud } from './cloud/cloud.ts';
import { until } from './cloud/until.ts';

const { PATH = '', DOCKER_HOST } = process.env;
const inherited = { PATH, ...(DOCKER_HOST !== undefined && { DOCKER_HOST }) };
const nowhere = { PATH: '/nowhere' };

describe('the containers of an instance that ends', needing('engine', 'busybox'), () => {
  const image = testImage();
  let folder: string;
  let homes: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sortie-containers-'));
    homes = [];
  });
  afterEach(async () => {
    for (const home of homes) await removeContainersOf(home);
    rmSync(folder, { recursive: true });
  });

  /** A home with an engine's note in it, as a job with a container leaves it. */
  const homeAt = (home: string): string => {
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'engine'), 'docker\n');
    homes.push(home);
    return home;
  };
  const startedIn = (home: string, ...flags: string[]): Promise<string> =>
    docker(
      ...['run', '--detach', '--network=none', `--label=sortie.home=${home}`, ...flags],
      ...[image.name, 'sleep', '3600'],
    );

  test('are removed, those that were stopped and their volumes too, and no other’s', async () => {
    const [ending, other] = [homeAt(join(folder, 'i-1')), homeAt(join(folder, 'i-12'))];
    const stopped = await startedIn(ending);
    await docker('kill', stopped);
    const running = await startedIn(ending, '--volume=/kept');
    const volume = await docker('inspect', '--format', '{{(index .Mounts 0).Name}}', running);
    await startedIn(other);
    await endContainers(ending, inherited);
    expect(await containersOf(ending)).toEqual([]);
    expect(await containersOf(other)).toHaveLength(1);
    expect(await docker('volume', 'ls', '--quiet', '--filter', `name=${volume}`)).toBe('');
  });

  test('are not asked for where no job ever had one', async () => {
    const home = homeAt(join(folder, 'i-1'));
    rmSync(join(home, 'engine'));
    await startedIn(home);
    await endContainers(home, nowhere);
    expect(await containersOf(home)).toHaveLength(1);
  });

  test('that cannot be asked for are an error', async () => {
    await expect(endContainers(homeAt(join(folder, 'i-1')), nowhere)).rejects.toThrow('docker');
  });

  describe('of the embedded EC2', () => {
    let cloud: Cloud;
    beforeEach(async () => {
      cloud = await startCloud({ inherited });
    });
    afterEach(() => cloud.stop());

    test('go with it, whether it is terminated or shuts itself down', async () => {
      const ids = await cloud.launch({ MinCount: 3, MaxCount: 3 });
      await cloud.online(ids);
      const [terminated = '', shutDown = '', stays = ''] = ids.map((id) =>
        homeAt(join(cloud.data, 'instances', id, 'sortie')),
      );
      for (const home of [terminated, shutDown, stays]) await startedIn(home);
      await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [`${ids[0]}`] }));
      await cloud.send([`${ids[1]}`], ['shutdown -h now']);
      await until(async () => (await containersOf(terminated)).length === 0);
      await until(async () => (await containersOf(shutDown)).length === 0);
      expect(await containersOf(stays)).toHaveLength(1);
    });
  });
});
