import { expect, test } from 'vitest';
import { notLoaded, notPulled } from '../../../../infra/runner/supervisor/container/not-pulled.ts';

const failed = { status: 1, out: '', cut: null };

test.each([
  [
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
    'see that the engine runs on that instance, and that root may use it: `docker info` there',
  ],
  [
    'Error response from daemon: pull access denied for x, repository does not exist or may require docker login: denied: requested access to the resource is denied',
    'check its name, and `registry_auth` if it is private',
  ],
  [
    'Error response from daemon: Get "https://r/v2/": no basic auth credentials',
    'check its name, and `registry_auth` if it is private',
  ],
  [
    'Error response from daemon: manifest for x:2 not found: manifest unknown: manifest unknown',
    'check its name and tag',
  ],
  [
    'Error response from daemon: Get "https://r/v2/": dial tcp: lookup r: no such host',
    'check its name and that the instance reaches that registry, or take it from a file with `container.image_tar`',
  ],
  [
    'failed to register layer: write /usr/lib/x: no space left on device',
    'ask for more under `resources.disk`',
  ],
])('a pull that failed is told in the words of the engine, and what to do: %s', (err, hint) => {
  const said = err.replace('Error response from daemon: ', '');
  expect(notPulled('x:2', { ...failed, err })).toBe(`x:2 could not be pulled: ${said}; ${hint}`);
});

test('what nobody has advice for is told as it is, and what was stopped as that', () => {
  expect(notPulled('x:2', { ...failed, err: 'strange' })).toBe('x:2 could not be pulled: strange');
  expect(notPulled('x:2', { ...failed, err: 'timeout', cut: 'stopped' })).toBe(
    'x:2 could not be pulled: stopped',
  );
});

test('a file that could not be loaded is told of alike, without a word of registries', () => {
  const said = (err: string) => notLoaded('/x.tar', { ...failed, err });
  expect(said('write /layer.tar: no space left on device')).toBe(
    '/x.tar could not be loaded: write /layer.tar: no space left on device; ask for more under `resources.disk`',
  );
  expect(said('open /manifest.json: not found')).toBe(
    '/x.tar could not be loaded: open /manifest.json: not found',
  );
});
