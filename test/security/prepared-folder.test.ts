import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secureDataFolder } from '../../infra/local/data-folder.ts';
import { startEmbedded } from '../../infra/local/embedded-sortie.ts';
import { temporaryFolder } from '../infra/local/fixtures/stack.ts';
import { needing } from '../needs.ts';

let parent: ReturnType<typeof temporaryFolder>;
let folder: string;
beforeEach(() => {
  parent = temporaryFolder();
  folder = join(parent.path, 'data');
});
afterEach(() => parent.remove());

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const unsafe = expect.objectContaining({ code: 'SORTIE_DATA_UNSAFE' });
const secured = () => {
  try {
    secureDataFolder(folder);
  } catch (error) {
    return error;
  }
};

test('a folder is made for its owner alone, its parents too', () => {
  folder = join(folder, 'deeper');
  expect(secured()).toBe(undefined);
  expect([modeOf(folder), modeOf(join(folder, '..'))]).toEqual(['700', '700']);
});

test('a folder of ours that others can read is closed, and so are its files', () => {
  mkdirSync(folder, { mode: 0o755 });
  writeFileSync(join(folder, 'token'), 'ours', { mode: 0o644 });
  expect(secured()).toBe(undefined);
  expect([modeOf(folder), modeOf(join(folder, 'token'))]).toEqual(['700', '600']);
  expect(readFileSync(join(folder, 'token'), 'utf8')).toBe('ours');
});

test('an empty folder that others can write in is closed', () => {
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  expect(secured()).toBe(undefined);
  expect(modeOf(folder)).toBe('700');
});

describe('is refused', () => {
  test.each([0o777, 0o775, 0o757])('a folder with something in it that others can write in: %o', (mode) => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'token'), 'theirs');
    chmodSync(folder, mode);
    expect(secured()).toEqual(unsafe);
  });

  test.each(['token', 'credentials', 'aws.db', 's3', 'lock'])('a link in place of %s', (name) => {
    mkdirSync(folder, { mode: 0o700 });
    symlinkSync(join(parent.path, 'elsewhere'), join(folder, name));
    expect(secured()).toEqual(unsafe);
  });

  test('a folder of another user', needing('root'), () => {
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, 65_534, 65_534);
    expect(secured()).toEqual(unsafe);
  });

  test('a token of another user', needing('root'), () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'token'), 'theirs');
    chownSync(join(folder, 'token'), 65_534, 65_534);
    expect(secured()).toEqual(unsafe);
  });

  test('all of these before anything is started or written', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'token'), 'theirs');
    chmodSync(folder, 0o777);
    await expect(startEmbedded({ port: 0, dataDir: folder })).rejects.toEqual(unsafe);
    expect(modeOf(folder)).toBe('777');
  });
});
