import { isTree, joinPath, NotUnderstood } from './paths.ts';
import type { ResourceTable } from './resource-table.ts';

/**
 * Evaluates CloudFormation's intrinsic functions in `value` against the local resources.
 * `AWS::NoValue` removes the property, as in CloudFormation. Throws `NotUnderstood`.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */
export function resolveIntrinsics(value: unknown, path: string, resources: ResourceTable): unknown {
  if (Array.isArray(value)) {
    return value
      .map((item, at) => resolveIntrinsics(item, joinPath(path, at), resources))
      .filter((item) => item !== undefined);
  }
  if (!isTree(value)) return value;
  const keys = Object.keys(value);
  const [only] = keys;
  if (keys.length === 1 && only !== undefined && (only === 'Ref' || only.startsWith('Fn::'))) {
    return evaluate(only, value[only], joinPath(path, only), resources);
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, resolveIntrinsics(item, joinPath(path, key), resources)] as const)
      .filter(([, item]) => item !== undefined),
  );
}

function evaluate(name: string, argument: unknown, path: string, resources: ResourceTable): unknown {
  const resolved = () => resolveIntrinsics(argument, path, resources);
  switch (name) {
    case 'Ref':
      return resources.ref(text(argument, path), path);
    case 'Fn::GetAtt': {
      const parts = typeof argument === 'string' ? argument.split('.') : list(argument, path);
      const [id, ...attribute] = parts.map((part) => text(part, path));
      return resources.attribute(id ?? '', attribute.join('.'), path);
    }
    case 'Fn::Sub':
      return substitute(argument, path, resources);
    case 'Fn::Join': {
      const [separator, parts] = list(resolved(), path);
      return list(parts, path)
        .map((part) => text(part, path))
        .join(text(separator, path));
    }
    case 'Fn::Select': {
      const [index, items] = list(resolved(), path);
      const chosen = list(items, path)[Number(index)];
      if (chosen === undefined) throw new NotUnderstood(path, `there is no item ${String(index)} to select`);
      return chosen;
    }
    case 'Fn::Split': {
      const [separator, whole] = list(resolved(), path);
      return text(whole, path).split(text(separator, path));
    }
    case 'Fn::Base64':
      return Buffer.from(text(resolved(), path)).toString('base64');
    default:
      throw new NotUnderstood(path, `the host does not evaluate ${name}`);
  }
}

function substitute(argument: unknown, path: string, resources: ResourceTable): string {
  const [template, own] = Array.isArray(argument) ? argument : [argument, {}];
  const variables = resolveIntrinsics(own ?? {}, path, resources);
  if (!isTree(variables)) throw new NotUnderstood(path, 'the second item of Fn::Sub must be a mapping');
  return text(template, path).replace(/\$\{([^}]*)\}/g, (_, raw: string) => {
    const name = raw.trim();
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (name in variables) return text(variables[name], path);
    const dot = name.indexOf('.');
    const found =
      dot < 0
        ? resources.ref(name, path)
        : resources.attribute(name.slice(0, dot), name.slice(dot + 1), path);
    return text(found, path);
  });
}

function list(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw new NotUnderstood(path, 'a list was expected');
  return value;
}

function text(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new NotUnderstood(path, `text was expected, found ${JSON.stringify(value) ?? 'nothing'}`);
}
