import { expect, test } from 'vitest';
import type { ResolvedTask } from '../../../domain/configuration/normalized.ts';
import { parseConfiguration } from '../../../domain/configuration/task.ts';
import { hasSecrets, secretsNeeded, secretsOf, unsealedWith } from '../../../domain/run/secrets.ts';
import { task } from '../given.ts';

const key = (name: string) => ({ private_key: `private ${name}`, public_key: `public ${name}` });
const keys = { user: key('user'), host: key('host') };

const sealed = (fields: object) => {
  const read = parseConfiguration({ type: 'task', image: 'app', ...fields });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return secretsOf(read.value as ResolvedTask, () => keys);
};

test('credentials and variables of a container take those of the job, and nothing twice', () => {
  expect(
    sealed({
      env: { USER_NAME: 'me', TOKEN: '$& ${{ env.USER_NAME }'.replace('{{', '{') },
      registry_auth: { username: '${{env.USER_NAME}}', password: 'x-${{ env.TOKEN }}-$${{ env.TOKEN }}' },
      container: { env: { A: '${{ env.USER_NAME }}!', B: 'plain' } },
    }),
  ).toEqual({
    env: { USER_NAME: 'me', TOKEN: '$& ${ env.USER_NAME }' },
    registry_auth: { username: 'me', password: 'x-$& ${ env.USER_NAME }-${{ env.TOKEN }}' },
    container_env: { A: 'me!', B: 'plain' },
    ssh: null,
  });
});

test('secrets of the project are named until a submission is prepared', () => {
  const named = sealed({
    env: { TOKEN: 'Bearer ${{ secrets.T }}', PLAIN: 'x' },
    registry_auth: { username: '${{ secrets.U }}', password: '${{ env.TOKEN }}' },
    container: { env: { A: '${{ env.TOKEN }}!', B: '${{ secrets.T }}' } },
  });
  expect(secretsNeeded(named)).toEqual(['T', 'U']);
  expect(
    unsealedWith(
      named,
      new Map([
        ['T', '${{ secrets.U }} $&'],
        ['U', 'me'],
      ]),
    ),
  ).toEqual({
    env: { TOKEN: 'Bearer ${{ secrets.U }} $&', PLAIN: 'x' },
    registry_auth: { username: 'me', password: 'Bearer ${{ secrets.U }} $&' },
    container_env: { A: 'Bearer ${{ secrets.U }} $&!', B: '${{ secrets.U }} $&' },
    ssh: null,
  });
});

test('nodes that reach each other by ssh have keys of their own, and no event has them', () => {
  const fields = { image: 'app', nodes: 2, ssh: true };
  expect(sealed(fields).ssh).toEqual(keys);
  expect(task(fields).ssh).toBe(true);
  expect(JSON.stringify(task(fields))).not.toContain('private');
});

test('what has none seals nothing', () => {
  expect(hasSecrets(task())).toBe(false);
  expect(hasSecrets(task({ image: 'app' }))).toBe(false);
  expect(hasSecrets(task({ image: 'app', nodes: 2, ssh: true }))).toBe(true);
  expect(hasSecrets(task({ env: ['A=1'] }))).toBe(true);
  expect(hasSecrets(task({ image: 'app', container: { env: ['A=1'] } }))).toBe(true);
  expect(hasSecrets(task({ image: 'app', registry_auth: { username: 'a', password: 'b' } }))).toBe(true);
});
