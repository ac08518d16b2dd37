import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { testImage } from '../infra/runner/container/engine.ts';
import { needing } from '../needs.ts';
import { PATIENCE_MS } from '../patience.ts';
import { type Client, clientOf, final } from './fixtures/client.ts';
import { containersOfInstances } from './fixtures/instance-containers.ts';
import { successors } from './fixtures/successors.ts';
import { typed } from './fixtures/typed.ts';

describe('three nodes in containers, and a Sortie that is killed', needing('engine', 'busybox'), () => {
  // What is made first goes last: an image that a container still has would stay behind without a name.
  const image = testImage();
  const sorties = successors();
  const { folder, dataDir } = sorties;
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  const on = { dataDir } as { dataDir: string; client: Client };
  const containers = containersOfInstances(on);

  async function restart(): Promise<void> {
    on.client = clientOf(await sorties.answering());
  }
  const marked = (what: string) =>
    vi.waitFor(() => expect(readdirSync(shared).filter((name) => name.startsWith(what))).toHaveLength(3), {
      timeout: PATIENCE_MS,
      interval: 50,
    });

  test('all begin once, and end together, whenever it was killed', async () => {
    await restart();
    const { id } = await on.client.submit({
      nodes: 3,
      image: image.name,
      resources: { cpu: 2, memory: '1GB..' },
      volumes: [`${shared}:/shared`],
      container: {
        setup_script:
          'mktemp /shared/set-up.XXXXXX\nuntil test -e /shared/prepare; do sleep 0.05; done >/dev/null\n',
      },
      commands: [
        'echo "$SORTIE_SUBMISSION_ID" >>/shared/starts',
        'mktemp /shared/begun.XXXXXX',
        'until test -e /shared/end; do sleep 0.05; done',
      ],
    });
    await marked('set-up');
    await restart();
    writeFileSync(join(shared, 'prepare'), '');
    await marked('begun');
    await restart();
    writeFileSync(join(shared, 'end'), '');

    const last = await sorties.last();
    on.client = clientOf(last);
    const run = await on.client.until(id, 'over', final);
    expect(run).toMatchObject({ status: 'done', termination_reason: 'all_jobs_done' });
    const starts = readFileSync(join(shared, 'starts'), 'utf8').trim().split('\n').sort();
    expect(starts).toEqual([0, 1, 2].map((node) => `${id}-${node}-0`));
    expect(await containers.all()).toEqual([]);
    expect(await typed(last, 'verify', '--data', dataDir)).toMatchObject({ code: 0 });
  });
});
