import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, resolve as resolvePath } from 'node:path';
import { isTree, joinPath, NotUnderstood, type Tree } from './paths.ts';
import { readYaml } from './yaml.ts';

/** What `${…}` may refer to beside the file itself. `environment` is what `${env:…}` sees. */
export type VariableSources = {
  file: string;
  stage: string;
  region: string;
  account: string;
  params: Readonly<Record<string, string>>;
  environment: Readonly<Record<string, string | undefined>>;
};

const SOURCES = ['param', 'self', 'sls', 'opt', 'env', 'file', 'aws'];
/** `${AWS::Region}`, `${Table}` and `${Table.Arn}` belong to Fn::Sub; a source has one colon, or `file(…)`. */
const VARIABLE = /^(?:file\(.*|\w+:(?!:).*)$/s;

/**
 * Replaces the variables of the Serverless Framework in `document`
 * (https://www.serverless.com/framework/docs/providers/aws/guide/variables), for the sources listed above.
 * A variable that stands alone keeps its type; inside text it becomes text. Throws `NotUnderstood`.
 */
export function resolveVariables(document: Tree, sources: VariableSources): Tree {
  const underway: string[] = [];

  function walk(value: unknown, path: string): unknown {
    if (typeof value === 'string') return text(value, path);
    if (Array.isArray(value)) return value.map((item, at) => walk(item, joinPath(path, at)));
    if (!isTree(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, walk(item, joinPath(path, key))]),
    );
  }

  function text(value: string, path: string): unknown {
    let rest = value;
    let done = '';
    for (let open = rest.indexOf('${'); open >= 0; open = rest.indexOf('${')) {
      const close = closing(rest, open + 2, path);
      const inner = rest.slice(open + 2, close);
      const before = rest.slice(0, open);
      rest = rest.slice(close + 1);
      if (!VARIABLE.test(inner)) {
        done += `${before}\${${inner}}`;
        continue;
      }
      const found = variable(String(text(inner, path)), path);
      if (done === '' && before === '' && rest === '') return found;
      if (isTree(found) || Array.isArray(found)) {
        throw new NotUnderstood(path, `\${${inner}} is not text, so it cannot stand inside text`);
      }
      done += before + String(found);
    }
    return done + rest;
  }

  function variable(inner: string, path: string): unknown {
    if (underway.includes(inner)) {
      throw new NotUnderstood(path, `\${${inner}} refers to itself through ${underway.join(', ')}`);
    }
    underway.push(inner);
    try {
      for (const choice of alternatives(inner)) {
        const found = one(choice, path);
        if (found !== undefined) return found;
      }
    } finally {
      underway.pop();
    }
    throw new NotUnderstood(path, `\${${inner}} has no value: set it, or give a default (\${${inner}, 'x'})`);
  }

  function one(choice: string, path: string): unknown {
    const literal = /^(?:'([^']*)'|"([^"]*)")$/.exec(choice);
    if (literal) return literal[1] ?? literal[2];
    if (/^(?:-?\d+(?:\.\d+)?|true|false|null)$/.test(choice)) return JSON.parse(choice);
    const file = /^file\(([^)]*)\)(?::(.+))?$/.exec(choice);
    if (file) return fromFile(file[1] ?? '', file[2], path);
    const colon = choice.indexOf(':');
    const [source, address] = [choice.slice(0, colon), choice.slice(colon + 1)];
    switch (source) {
      case 'param':
        return sources.params[address] ?? declaredParam(address, path);
      case 'self':
        return walk(descend(document, address), address);
      case 'sls':
        return address === 'stage' ? sources.stage : undefined;
      case 'opt':
        return address === 'stage' ? sources.stage : address === 'region' ? sources.region : undefined;
      case 'aws':
        return address === 'region' ? sources.region : address === 'accountId' ? sources.account : undefined;
      case 'env':
        return sources.environment[address];
      default:
        throw new NotUnderstood(path, `the host reads \${${SOURCES.join('|')}:…}, not \${${choice}}`);
    }
  }

  function declaredParam(name: string, path: string): unknown {
    for (const set of [sources.stage, 'default']) {
      const found = descend(document, `params.${set}.${name}`);
      if (found !== undefined) return walk(found, path);
    }
    return undefined;
  }

  function fromFile(name: string, address: string | undefined, path: string): unknown {
    const file = resolvePath(dirname(sources.file), name);
    const kind = extname(file);
    if (!existsSync(file)) throw new NotUnderstood(path, `there is no file ${file}`);
    if (/^\.[cm]?[jt]s$/.test(kind))
      throw new NotUnderstood(path, `the host runs no code in \${file(${name})}`);
    const content = /^\.(ya?ml|json)$/.test(kind) ? readYaml(file) : readFileSync(file, 'utf8');
    return walk(address === undefined ? content : descend(content, address), path);
  }

  // Parameters of other stages may name files that this one does not have: they are read when they are asked for.
  const { params: _params, ...rest } = document;
  return walk(rest, '') as Tree;
}

function closing(value: string, from: number, path: string): number {
  let depth = 1;
  for (let at = from; at < value.length; at++) {
    if (value[at] === '{') depth++;
    if (value[at] === '}' && --depth === 0) return at;
  }
  throw new NotUnderstood(path, `\${ without its } in ${JSON.stringify(value)}`);
}

/** `self:a, 'b'` → [`self:a`, `'b'`]; commas inside quotes and parentheses do not separate. */
function alternatives(inner: string): string[] {
  return (inner.match(/(?:'[^']*'|"[^"]*"|\([^)]*\)|[^,'"(])+/g) ?? []).map((part) => part.trim());
}

function descend(tree: unknown, address: string): unknown {
  let found = tree;
  for (const key of address.split('.')) {
    if (Array.isArray(found)) found = found[Number(key)];
    else if (isTree(found)) found = found[key];
    else return undefined;
  }
  return found;
}
