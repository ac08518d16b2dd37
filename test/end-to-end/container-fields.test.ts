import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { testImage } from '../infra/runner/container/engine.ts';
import { needing } from '../needs.ts';
import { final, textOf } from './fixtures/client.ts';
import { embeddedForFile } from './fixtures/embedded.ts';
import { containersOfInstances } from './fixtures/instance-containers.ts';

/** Which of its capabilities a process has: bits of its mask. */
const SYS_PTRACE = 19n;
const SYS_ADMIN = 21n;
const has = (status: string, bit: bigint) =>
  ((BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(status)?.[1]}`) >> bit) & 1n) === 1n;

describe(
  'what a configuration asks of its container, on the embedded AWS',
  needing('engine', 'busybox'),
  () => {
    // What is made first goes last: an image that a container still has would stay behind without a name.
    const image = testImage();
    const on = embeddedForFile();
    containersOfInstances(on);
    const shared = mkdtempSync(join(tmpdir(), 'sortie-fields-'));
    afterAll(() => rmSync(shared, { recursive: true }));
    writeFileSync(join(shared, 'here'), 'from the instance\n');

    async function saidBy({ shm_size, ...configuration }: Record<string, unknown>): Promise<string> {
      const resources = { cpu: 2, memory: '1GB..', ...(shm_size === undefined ? {} : { shm_size }) };
      const { id } = await on.client.submit({ resources, ...configuration });
      expect(await on.client.until(id, 'over', final)).toMatchObject({ status: 'done', message: null });
      return textOf(await on.client.logs(id));
    }

    test('is so inside: its limits, devices, groups, capabilities, network, volumes and variables', async () => {
      const said = await saidBy({
        image: image.name,
        shm_size: '32MB',
        volumes: [
          `${shared}:/shared:ro`,
          { instance_path: `${shared}/here/none`, path: '/none', optional: true },
        ],
        container: {
          env: ['INSIDE=i'],
          args: {
            network: 'none',
            ipc: 'private',
            devices: ['/dev/null:/dev/mine'],
            cap_add: ['SYS_PTRACE'],
            security_opt: ['seccomp=unconfined'],
            group_add: ['4242'],
            ulimit: ['nofile=1234'],
          },
        },
        commands: [
          "df -k /dev/shm | tail -n 1 | awk '{print $2}'",
          'ulimit -n',
          'test -c /dev/mine && echo device',
          "id -G | tr ' ' '\\n' | grep 4242",
          'tail -n +3 /proc/net/dev | cut -d: -f1 | xargs',
          'cat /shared/here; touch /shared/mine 2>/dev/null || echo read-only; ls -d /none 2>/dev/null || echo left out',
          'echo $INSIDE',
          'grep -E "^(CapEff|Seccomp):" /proc/self/status',
        ],
      });
      const [shm, files, device, group, networks, volume, writes, optional, variable] = said.split('\n');
      expect([shm, files, device, group, networks]).toEqual(['32768', '1234', 'device', '4242', 'lo']);
      expect([volume, writes, optional, variable]).toEqual([
        ...['from the instance', 'read-only', 'left out', 'i'],
      ]);
      expect(has(said, SYS_PTRACE)).toBe(true);
      expect(has(said, SYS_ADMIN)).toBe(false);
      expect(said).toMatch(/^Seccomp:\s*0$/m);
    });

    test('with a shell as entrypoint runs all commands in it, as the user asked for', async () => {
      const said = await saidBy({
        image: image.name,
        user: 'worker',
        entrypoint: 'sh -c',
        commands: ['echo "$(id -u)"', 'echo $((1 + 1))'],
      });
      expect(said).toBe('1234\n2\n');
    });

    test('`docker: true` has the engine of the instance beside the commands', async () => {
      const said = await saidBy({
        docker: true,
        commands: [`docker run --rm --network=none ${image.name} echo from a container`],
      });
      expect(said).toBe('from a container\n');
    });
  },
);
