import { expect, test } from 'vitest';
import { inheritedOf } from '../../../infra/local/environment.ts';

test("an instance has the user's PATH, without what npm puts before it", () => {
  const npms = [
    '/clone/node_modules/.bin',
    '/node_modules/.bin',
    '/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin',
  ];
  const own = '/home/me/bin:/usr/bin:/opt/node_modules/tool/bin';
  expect(inheritedOf({ PATH: `${npms.join(':')}:${own}`, DOCKER_HOST: '' })).toEqual({ PATH: own });
});
