import { describe, expect, test, vi } from 'vitest';
import { docker, testImage } from '../infra/runner/container/engine.ts';
import { addOpenSsh } from '../infra/runner/container/openssh.ts';
import { needing } from '../needs.ts';
import { final, textOf } from './fixtures/client.ts';
import { filesWith } from './fixtures/data-folder.ts';
import { embeddedForFile } from './fixtures/embedded.ts';
import { containersOfInstances } from './fixtures/instance-containers.ts';

describe('three nodes that reach each other by ssh', needing('engine', 'busybox', 'sshd'), () => {
  const image = testImage([], addOpenSsh);
  const on = embeddedForFile();
  const containers = containersOfInstances(on);

  /** The first works, the others wait for it to end. */
  const submit = (commands: string[]) =>
    on.client.submit({
      ...{ nodes: 3, image: image.name, ssh: true, stop_criteria: 'master-done', stop_duration: '10s' },
      ...{ container: { lifetime: 'persistent', name: 'reached' }, resources: { cpu: 2, memory: '2GB..' } },
      env: { MINE: 'and the variables of all' },
      commands: ['[ "$SORTIE_NODE_RANK" = 0 ] || exec sleep 600', ...commands],
    });
  const IN_THREE = { timeout: 60_000, interval: 200 };

  /** Nothing but what such a container has from its start: no key, no process, nobody at the port of an instance's address. */
  async function expectNothingOfTheRun() {
    const kept = await containers.all();
    expect(kept).toHaveLength(3);
    for (const name of kept) {
      const seen = await docker('exec', name, 'sh', '-c', 'ls -A /; ps -o args; netstat -lnt');
      expect(seen).toContain('sleep 86400');
      expect(seen).not.toMatch(/sortie|ssh|sleep [0-7]|127\.16\.\S+:10022 /);
    }
  }

  test('the first asks all that the hostfile names, and nothing of it stays, nor of the keys', async () => {
    const { id } = await submit([
      // Also what goes off by itself ends with the run.
      'while read -r node; do ssh "$node" \'setsid sleep 500 >/dev/null 2>&1 & echo "$SORTIE_NODE_RANK of $SORTIE_NODES_NUM, $MINE"\' </dev/null; done <"$SORTIE_MPI_HOSTFILE"',
      // From one of the others on to the next, as mpirun goes through many nodes.
      'set -- $SORTIE_NODES_IPS; ssh "$2" "ssh $3 \'echo by way of another to \\$SORTIE_NODE_RANK\'"',
    ]);
    expect(await on.client.until(id, 'over', final)).toMatchObject({ status: 'done' });
    expect(textOf(await on.client.logs(id)).split('\n')).toEqual([
      ...[0, 1, 2].map((rank) => `${rank} of 3, and the variables of all`),
      'by way of another to 2',
      '',
    ]);
    await expectNothingOfTheRun();
    await vi.waitFor(() => expect(filesWith(on.dataDir, 'OPENSSH PRIVATE')).toEqual([]), IN_THREE);
  });

  test('a stop reaches what was started over ssh, in the containers that are kept', async () => {
    const { id } = await submit([
      'for node in $SORTIE_NODES_IPS; do ssh "$node" \'echo up; exec sleep 700\' & done; wait',
    ]);
    await vi.waitFor(async () => {
      expect(textOf(await on.client.logsSoFar(id))).toBe('up\nup\nup\n');
    }, IN_THREE);
    await on.client.stop(id, 'graceful');
    expect(await on.client.until(id, 'over', final)).toMatchObject({ status: 'terminated' });
    await expectNothingOfTheRun();
  });
});
