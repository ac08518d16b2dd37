import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { given } from './sortie.ts';

const { file, sortie, world } = given();

describe('sortie completion bash', () => {
  test('completes commands, their subcommands and options, and leaves files to the shell', async () => {
    const { code, stdout } = await sortie('completion', 'bash');
    expect(code).toBe(0);
    file('completion.bash', stdout);
    file(
      'try.bash',
      `source ./completion.bash
try() {
  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
  _sortie; echo "\${COMPREPLY[*]}"
}
try sortie ap
try sortie fleet ''
try sortie fleet show --js
try sortie apply --max-d
try sortie apply -f ''
try sortie logs fleet --fo
try sortie instance h
try sortie nothing
complete -p sortie
`,
    );
    const { stdout: tried, stderr } = spawnSync('bash', ['--norc', 'try.bash'], {
      cwd: world.folder,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(tried.split('\n')).toEqual([
      'apply',
      'show delete pause resume drain terminate-all',
      '--json',
      '--max-duration',
      '',
      '--follow',
      'hold',
      '',
      'complete -o default -F _sortie sortie',
      '',
    ]);
  });
});

test('sortie completion has a script for zsh and for fish, and for no other shell', async () => {
  expect((await sortie('completion', 'zsh')).stdout).toMatch(/^#compdef sortie\n/);
  expect((await sortie('completion', 'fish')).stdout).toMatch(
    /^complete -c sortie -n 'not __fish_seen_subcommand_from apply .*' -f -a apply /m,
  );
  expect((await sortie('completion', 'csh')).code).toBe(2);
});
