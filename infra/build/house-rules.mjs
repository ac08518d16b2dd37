// Rules of the house that oxlint has no rule for. Plain JavaScript: oxlint loads it as it is.
import { dirname, join, relative, sep } from 'node:path';

/**
 * What each folder may import: paths within the project, of which the longest that fits decides, and packages.
 * `types`: only `import type`. `deferred`: only `import(…)`, or types.
 */
const layers = {
  domain: {
    paths: { domain: 'all' },
    packages: /^zod$/,
    advice: 'The domain is pure: itself and zod. Own a small interface here, and implement it in infra/.',
  },
  infra: {
    paths: { domain: 'all', infra: 'all' },
    packages: /./,
    advice: 'infra/ imports domain/ and itself; the functions compose it.',
  },
  functions: {
    paths: { domain: 'all', infra: 'all', 'infra/build': 'none', 'infra/local': 'none', functions: 'all' },
    packages: /./,
    advice: 'functions/ import domain/ and infra/, and do not know where they run.',
  },
  cli: {
    paths: {
      // The schemas of the API's answers, the grammar of configurations: pure, and the same at both ends.
      domain: 'all',
      // Problems are shown at their line of the user's file, which the API never sees.
      'infra/yaml': 'all',
      // The embedded AWS, and the heads that `verify` refolds: most commands need neither and start without them.
      'infra/local': 'deferred',
      'infra/dynamodb': 'deferred',
      // `deploy` and `remove` act on an account where there is no API yet, or none any more.
      'infra/deployment': 'deferred',
      cli: 'all',
    },
    packages: /^(?!@aws-sdk\/)/,
    advice:
      'The CLI speaks HTTP. It shares domain/ and infra/yaml; infra/local, infra/deployment, and infra/dynamodb for `verify`, by import().',
  },
};

const layering = {
  create: (context) => {
    const file = relative(context.cwd, context.filename).split(sep).join('/');
    const layer = layers[file.split('/')[0]];
    if (layer === undefined) return {};
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== 'string') return;
      const kind = kindOf(node);
      if (!allowed(layer, file, source, kind))
        context.report({ node, message: `${source}: ${layer.advice}` });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

function kindOf(node) {
  if (node.type === 'ImportExpression') return 'deferred';
  return node.importKind === 'type' || node.exportKind === 'type' ? 'types' : 'all';
}

function allowed(layer, file, source, kind) {
  if (!source.startsWith('.')) return layer.packages.test(source);
  const target = `${join(dirname(file), source).split(sep).join('/')}/`;
  const [closest] = Object.keys(layer.paths)
    .filter((path) => target.startsWith(`${path}/`))
    .sort((a, b) => b.length - a.length);
  const permission = layer.paths[closest] ?? 'none';
  // The manifest is data, which anybody may read their own version from.
  if (target === 'package.json/') return layer !== layers.domain;
  return permits[permission].includes(kind);
}

const permits = {
  none: [],
  types: ['types'],
  deferred: ['types', 'deferred'],
  all: ['types', 'deferred', 'all'],
};

const zodNamespace = {
  create: (context) => ({
    ImportDeclaration(node) {
      if (node.source.value !== 'zod' || node.importKind === 'type') return;
      const named = node.specifiers.find(
        ({ type, imported }) => type === 'ImportDefaultSpecifier' || imported?.name === 'z',
      );
      if (named === undefined) return;
      context.report({
        node: named,
        message:
          "Write `import * as z from 'zod'`: the named import puts 443 kB into a bundle instead of 83.",
      });
    },
  }),
};

const noClock = {
  create: (context) => {
    const refuse = (node) => {
      if (node.callee.name !== 'Date' || node.arguments.length > 0) return;
      context.report({ node, message: 'Time arrives in the domain as an argument.' });
    };
    return { NewExpression: refuse, CallExpression: refuse };
  },
};

export default {
  meta: { name: 'house' },
  rules: { layers: layering, 'zod-namespace': zodNamespace, 'no-clock': noClock },
};
