import { readFileSync } from 'node:fs';
import {
  type CollectionTag,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type ScalarTag,
  type YAMLSeq,
} from 'yaml';
import { isTree, NotUnderstood, type Tree } from './paths.ts';

/** CloudFormation's short tags (`!Ref X`) mean their long forms (`Ref: X`), which is all that the rest reads. */
const FUNCTIONS = [
  'Sub',
  'Join',
  'Select',
  'Split',
  'Base64',
  'If',
  'Equals',
  'And',
  'Or',
  'Not',
  'FindInMap',
];

const scalarTags: ScalarTag[] = [
  { tag: '!Ref', resolve: (text) => ({ Ref: text }) },
  {
    tag: '!GetAtt',
    resolve: (text) => {
      const dot = text.indexOf('.');
      return { 'Fn::GetAtt': [text.slice(0, dot), text.slice(dot + 1)] };
    },
  },
  ...FUNCTIONS.map(
    (name): ScalarTag => ({ tag: `!${name}`, resolve: (text) => ({ [`Fn::${name}`]: text }) }),
  ),
];

const sequenceTags: CollectionTag[] = ['GetAtt', ...FUNCTIONS].map((name) => ({
  tag: `!${name}`,
  collection: 'seq',
  resolve: (node) => ({ [`Fn::${name}`]: plain(node as YAMLSeq) }) as unknown as YAMLSeq,
}));

export function readYaml(file: string): unknown {
  const document = parseDocument(readFileSync(file, 'utf8'), {
    customTags: [...scalarTags, ...sequenceTags],
  });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw new NotUnderstood('', `${file} is not YAML that the host reads: ${problem.message}`);
  return plain(document.contents);
}

export function readYamlTree(file: string): Tree {
  const tree = readYaml(file);
  if (!isTree(tree)) throw new NotUnderstood('', `${file} must hold a mapping`);
  return tree;
}

/** `toJSON` of the yaml package keeps tagged nodes as they were resolved; this walks into them as well. */
function plain(node: unknown): unknown {
  if (isMap(node)) {
    return Object.fromEntries(node.items.map(({ key, value }) => [String(plain(key)), plain(value)]));
  }
  if (isSeq(node)) return node.items.map(plain);
  if (isScalar(node)) return node.value;
  return node;
}
