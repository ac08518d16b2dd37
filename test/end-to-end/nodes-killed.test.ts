import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { type EmbeddedSortie, startEmbedded } from '../../infra/local/embedded-sortie.ts';
import { engineAnswers, testImage } from '../infra/runner/container/engine.ts';
import { PATIENCE_MS } from '../patience.ts';
import { type Client, clientOf, final } from './fixtures/client.ts';
import { clearAway, dataFolder } from './fixtures/data-folder.ts';
import { containersOfInstances } from './fixtures/instance-containers.ts';
import { type Killable, startKillable } from './fixtures/killable.ts';
import { typed } from './fixtures/typed.ts';

describe.skipIf(!engineAnswers)('three nodes in containers, and a Sortie that is killed', () => {
  // What is made first goes last: an image that a container still has would stay behind without a name.
  const image = testImage();
  const folder = dataFolder();
  const dataDir = join(folder, 'data');
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  const on = { dataDir } as { dataDir: string; client: Client };
  const containers = containersOfInstances(on);
  let current: Killable | undefined;
  let last: EmbeddedSortie | undefined;
  afterAll(async () => {
    try {
      await current?.kill();
      await last?.aws.ec2.terminateAll();
      await last?.close();
    } finally {
      await clearAway(dataDir);
      await clearAway(folder);
    }
  });

  async function restart(): Promise<void> {
    await current?.kill();
    current = startKillable(dataDir);
    const ready = await current.ready;
    if (ready === null) throw new Error('it was never ready');
    on.client = clientOf(ready);
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
    await current?.kill();
    current = undefined;

    last = await startEmbedded({ port: 0, dataDir });
    on.client = clientOf(last);
    const run = await on.client.until(id, 'over', final);
    expect(run).toMatchObject({ status: 'done', termination_reason: 'all_jobs_done' });
    const starts = readFileSync(join(shared, 'starts'), 'utf8').trim().split('\n').sort();
    expect(starts).toEqual([0, 1, 2].map((node) => `${id}-${node}-0`));
    expect(await containers.all()).toEqual([]);
    expect(await typed(last, 'verify', '--data', dataDir)).toMatchObject({ code: 0 });
  });
});
