const adjectives =
  'amber bold brave bright brisk calm clear cool crisp deft eager early fair fast fine firm fleet free fresh glad gold green keen kind light lucid mellow mild neat noble plain prime proud quick quiet rapid ready sharp silver sleek smart snowy solid spry steady still sunny swift tidy tough true vivid warm wise young';
const nouns =
  'auk bison bream carp colt crane crow deer dove duck eagle egret elk falcon finch fox gecko goose grouse gull hare hawk heron horse ibex ibis jay kite lark lion loon lynx marten mole moose newt orca osprey otter owl panda perch pike plover puffin quail raven robin seal skua snipe sole stag stork swan swift teal tern tiger trout vole wolf wren yak';

const pick = (words: string, random: number): string => {
  const list = words.split(' ');
  return list[Math.floor(random * list.length)] ?? '';
};

/** `brisk-otter-17`: easy to say and to type. One of some 400,000, so that a clash among unfinished runs is rare. */
export const runName = (random: () => number): string =>
  `${pick(adjectives, random())}-${pick(nouns, random())}-${Math.floor(random() * 100)}`;
