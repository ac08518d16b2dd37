import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needing } from '../../../needs.ts';
import { world } from '../world.ts';
import { containerOf, docker, testImage } from './engine.ts';
import { type Registry, startRegistry } from './registry.ts';
import { smallEngine } from './small-engine.ts';

const MB = 1_000_000;
const FULL = /no space left on device/;

describe('an engine with a disk of 16 MB', needing('engine', 'busybox', 'registry', 'mounting'), () => {
  const engine = smallEngine(16);
  const at = world('sh', { env: { DOCKER_HOST: engine.host } });
  const image = testImage();
  const folder = fs.mkdtempSync(join(tmpdir(), 'sortie-full-disk-'));
  const of = (name: string) => join(folder, name);
  let registry: Registry | undefined;
  let big = '';
  beforeAll(async () => {
    await docker('save', '--output', of('small.tar'), image.name);
    await engine.ask('load', '--input', of('small.tar'));
    registry = await startRegistry(folder);
    big = `${registry.address}/tests/big:1`;
    fs.writeFileSync(of('big'), randomBytes(20 * MB));
    spawnSync('tar', ['-C', folder, '-cf', of('root.tar'), 'big']);
    await docker('import', of('root.tar'), big);
    await docker('push', big);
    await docker('save', '--output', of('big.tar'), big);
    await docker('rmi', big);
  });
  afterAll(() => {
    registry?.end();
    fs.rmSync(folder, { recursive: true });
  });

  const left = () => engine.ask('ps', '--all', '--quiet');
  const FILL = `head -c ${30 * MB} /dev/zero >/fill 2>/dev/null`;

  test.each(['image', 'image_tar'] as const)(
    'has no room for an image, which is told with what to do (%s)',
    async (from) => {
      const container = from === 'image' ? containerOf(big) : containerOf(null, { image_tar: of('big.tar') });
      const { exit } = await at.run({ commands: ['echo never'], container });
      expect(exit).toMatchObject({ cause: 'setup', status: null });
      expect(exit.message).toMatch(FULL);
      expect(exit.message).toMatch(new RegExp(`^${from}: .*; ask for more under \`resources.disk\`$`));
      expect(await left()).toBe('');
    },
  );

  test.each([
    ['per_run', /^the commands could not be copied into container [0-9a-f]{8}-full: /],
    ['persistent', /^container [0-9a-f]{8}-full cannot have its name: /],
  ] as const)(
    'that a set-up script has filled is said to be full, and the container goes (%s)',
    async (lifetime, what) => {
      const setup_script = `${FILL} || true`;
      const { exit } = await at.run({
        commands: ['echo never'],
        container: containerOf(image.name, { lifetime, name: 'full', setup_script }),
      });
      expect(exit).toMatchObject({ cause: 'setup', status: null });
      expect(exit.message).toMatch(what);
      expect(exit.message).toMatch(FULL);
      expect(await left()).toBe('');
    },
  );

  test('that the commands fill is theirs to find out, and has room again for the next', async () => {
    const { exit, log } = await at.run({
      commands: [`${FILL} || exit 9`],
      container: containerOf(image.name),
    });
    expect(exit).toMatchObject({
      ...{ cause: 'commands', status: 9 },
      message: expect.stringMatching(/ exited 9$/),
    });
    expect(log).toBe('');
    expect(await left()).toBe('');
    const next = await at.run({ commands: ['echo here'], container: containerOf(image.name) });
    expect(next).toMatchObject({ exit: { status: 0 }, log: 'here\n' });
  });
});
