import { expect, test } from 'vitest';
import { given } from './sortie.ts';

const { file, sortie, sortieWith, world } = given();

const set = (name: string, value: string, ...args: string[]) =>
  sortieWith({ stdin: value }, 'secret', 'set', name, ...args);

test('a secret is set from stdin, without one line end, listed and deleted', async () => {
  expect(await set('HF_TOKEN', 'hunter2\n')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'secret HF_TOKEN is set. Use it: HF_TOKEN: ${{ secrets.HF_TOKEN }}\n',
  });
  const read = () => world.sortie.secrets.read('main', ['HF_TOKEN']);
  expect(await read()).toEqual(new Map([['HF_TOKEN', 'hunter2']]));
  const again = await set('HF_TOKEN', 'a key\nof two lines\r\n\n', '--json');
  expect(JSON.parse(again.stdout)).toEqual({ name: 'HF_TOKEN', outcome: 'replaced' });
  expect(await read()).toEqual(new Map([['HF_TOKEN', 'a key\nof two lines\r\n']]));

  await set('A', 'x');
  const listed = await sortie('secret', 'list');
  expect(listed.stdout).toMatch(/^SECRET +SET\nA +\S.*\nHF_TOKEN +\S.*\n$/);
  const json = await sortie('secret', 'list', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ secrets: [{ name: 'A' }, { name: 'HF_TOKEN' }] });

  expect((await sortie('secret', 'delete', 'A')).stderr).toBe('secret A is deleted\n');
  expect(await sortie('secret', 'delete', 'A')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no secret "A"'),
  });
});

test('a value is no argument, and what cannot be one is refused without it', async () => {
  const argument = await sortie('secret', 'set', 'HF_TOKEN', 'hunter2');
  expect(argument.code).toBe(2);
  expect(argument.stderr).not.toContain('hunter2');
  for (const value of ['', '\n', 'hunter2'.repeat(600), '{{ hunter2 }}']) {
    const { code, stdout, stderr } = await set('HF_TOKEN', value);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('the value of HF_TOKEN ');
    expect(stderr).not.toContain('hunter2');
  }
  expect((await set('HF-TOKEN', 'x')).stderr).toContain('is not the name of a secret');
  expect((await sortie('secret', 'list')).stdout).toBe('There is no secret yet: sortie secret set NAME\n');
});

test('a run that names a secret which is not there is told so with its line, by plan and by apply', async () => {
  file('run.yaml', 'type: task\ncommands:\n  - "true"\nenv:\n  TOKEN: ${{ secrets.HF_TOKEN }}\n');
  for (const args of [
    ['plan', '-f', 'run.yaml'],
    ['apply', '-f', 'run.yaml', '-y', '-d'],
  ]) {
    const { code, stderr } = await sortie(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('run.yaml:5:10: env.TOKEN: there is no secret HF_TOKEN in project main');
    expect(stderr).toContain('hint: sortie secret set HF_TOKEN');
  }
  await set('HF_TOKEN', 'hunter2');
  expect((await sortie('apply', '-f', 'run.yaml', '-y', '-d')).code).toBe(0);
});
