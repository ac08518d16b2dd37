import type { Command } from 'commander';
import { shellWord } from '../../domain/kernel/shell-word.ts';

/** A command by the words that lead to it, and the words that may come next. */
interface Place {
  readonly path: readonly string[];
  readonly words: readonly { readonly word: string; readonly about: string }[];
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** A script for the shell that completes the words of `program`, without starting it. */
export function completionScript(program: Command, shell: (typeof SHELLS)[number]): string {
  const name = program.name();
  const places = placesOf(program, []);
  switch (shell) {
    case 'bash':
      return bash(name, places);
    case 'zsh':
      return zsh(name, places);
    case 'fish':
      return fish(name, places);
  }
}

function placesOf(command: Command, path: readonly string[]): Place[] {
  const options = [...command.options, ...command.createHelp().visibleOptions(command)].flatMap(
    ({ long, description }) => (long ? [{ word: long, about: description }] : []),
  );
  const below = command.commands.map((one) => ({ word: one.name(), about: one.summary() }));
  const words = new Map([...below, ...options].map((one) => [one.word, one]));
  return [
    { path, words: [...words.values()] },
    ...command.commands.flatMap((one) => placesOf(one, [...path, one.name()])),
  ];
}

const key = (path: readonly string[]): string => path.join(' ');

/** The words on the line lead from place to place; what leads nowhere is an argument. */
const walk = (places: readonly Place[], words: string): string[] => [
  "  local at='' word",
  `  for word in ${words}; do`,
  '    case "${at:+$at }$word" in',
  `      ${places.flatMap(({ path }) => (path.length > 0 ? [`'${key(path)}'`] : [])).join('|')}) at="\${at:+$at }$word" ;;`,
  '    esac',
  '  done',
];

function bash(name: string, places: readonly Place[]): string {
  return [
    `_${name}() {`,
    ...walk(places, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"'),
    '  local words=',
    '  case "$at" in',
    ...places.map(
      ({ path, words }) => `    '${key(path)}') words='${words.map(({ word }) => word).join(' ')}' ;;`,
    ),
    '  esac',
    '  local now="${COMP_WORDS[COMP_CWORD]}"',
    // Options once a dash is typed: until then files are more likely.
    '  [[ $now == -* ]] || words=" ${words%%--*}"',
    '  COMPREPLY=($(compgen -W "$words" -- "$now"))',
    '}',
    // Where no word fits, files do: `-f train.yaml`.
    `complete -o default -F _${name} ${name}`,
  ].join('\n');
}

function zsh(name: string, places: readonly Place[]): string {
  const described = ({ words }: Place) =>
    words.map(({ word, about }) => shellWord(`${word.replaceAll(':', '\\:')}:${about}`)).join(' ');
  return [
    `#compdef ${name}`,
    `_${name}() {`,
    ...walk(places, '"${(@)words[2,CURRENT-1]}"'),
    '  local -a all',
    '  case "$at" in',
    ...places.map((place) => `    '${key(place.path)}') all=(${described(place)}) ;;`),
    '  esac',
    '  [[ $PREFIX == -* ]] || all=(${all:#--*})',
    `  _describe '${name}' all || _files`,
    '}',
    `compdef _${name} ${name}`,
  ].join('\n');
}

function fish(name: string, places: readonly Place[]): string {
  const commands = places.filter(({ path }) => path.length > 0).map(({ path }) => path);
  const lines = places.flatMap(({ path, words }) => {
    const below = commands.filter((one) => one.length === path.length + 1 && key(one).startsWith(key(path)));
    const here = [
      ...path.map((word) => `__fish_seen_subcommand_from ${word}`),
      ...(below.length > 0
        ? [`not __fish_seen_subcommand_from ${below.map((one) => one.at(-1)).join(' ')}`]
        : []),
    ].join('; and ');
    const when = here === '' ? '' : ` -n ${shellWord(here)}`;
    return words.map(({ word, about }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c ${name}${when} ${what} -d ${shellWord(about)}`;
    });
  });
  return lines.join('\n');
}
