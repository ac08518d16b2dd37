import type { Problem } from '../configuration/problem.ts';
import { mostSimilar } from '../configuration/similar.ts';
import { gpuKey } from './gpu.ts';
import type { PreparedCatalogue } from './prepared.ts';

/** Names that a configuration asks for, as far as the catalogue has a say; `null`: any. */
export interface AskedNames {
  readonly instance_types: readonly string[] | null;
  readonly regions: readonly string[] | null;
  readonly availability_zones: readonly string[] | null;
  /** Of each part of the configuration that asks for GPUs, with the path of its `gpu`. */
  readonly gpus: readonly { readonly path: Problem['path']; readonly names: readonly string[] | null }[];
}

/**
 * Names of which the catalogue has nothing: nothing would ever be launched for them. A configuration may name several clouds:
 * beside a name that is known, others pass, unless they are formed as EC2's and yet are none of its.
 */
export function unknownNames(catalogue: PreparedCatalogue, asked: AskedNames): Problem[] {
  const { types, zones, gpus } = namesIn(catalogue);
  const { region } = catalogue;
  const here = new RegExp(`^${region}[a-z]$`);
  return [
    ...unknown(asked.instance_types, types, {
      path: ['instance_types'],
      what: (name) => `EC2 has no instance type ${name} in ${region}`,
      isOurs: (name) => INSTANCE_TYPE.test(name),
      hint: 'list what there is with: sortie offer',
    }),
    ...unknown(asked.regions, [region], {
      path: ['regions'],
      what: (name) => `nothing can be launched in ${name}: this deployment is in ${region}`,
      isOurs: () => false,
      hint: `write ${region}, leave \`regions\` out, or deploy Sortie there`,
    }),
    ...unknown(asked.availability_zones, zones, {
      path: ['availability_zones'],
      what: (name) => `there is no zone ${name} in ${region}`,
      isOurs: (name) => here.test(name),
      hint: `there are ${zones.join(', ')}`,
    }),
    ...asked.gpus.flatMap(({ path, names }) =>
      unknown(names, gpus, {
        path,
        inList: false,
        what: (name) => `EC2 has no GPU ${name} in ${region}`,
        isOurs: () => false,
        hint: `there are ${gpus.join(', ')}`,
        key: gpuKey,
      }),
    ),
  ];
}

// `m7i.large`: the types of other clouds have dashes, underscores, or more dots.
const INSTANCE_TYPE = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/;

/** More that are equally near say nothing: any zone is like any other. */
const MEANT = 3;

interface Kind {
  readonly path: Problem['path'];
  /** Whether each name has a place of its own there. */
  readonly inList?: boolean;
  readonly what: (name: string) => string;
  /** Whether only EC2 has names of this form. */
  readonly isOurs: (name: string) => boolean;
  /** What to do where no known name is like it. */
  readonly hint: string;
  readonly key?: (name: string) => string;
}

function unknown(
  names: readonly string[] | null,
  known: readonly string[],
  { path, inList = true, what, isOurs, hint, key = (name) => name.toLowerCase() }: Kind,
): Problem[] {
  if (names === null) return [];
  const keys = new Set(known.map(key));
  const some = names.some((name) => keys.has(key(name)));
  return names.flatMap((name, index) => {
    if (keys.has(key(name)) || (some && !isOurs(name.toLowerCase()))) return [];
    const meant = mostSimilar(name, known);
    return [
      {
        path: inList ? [...path, index] : path,
        message: what(name),
        hint: meant.length === 0 || meant.length > MEANT ? hint : `did you mean ${meant.join(' or ')}?`,
      },
    ];
  });
}

interface Names {
  readonly types: readonly string[];
  readonly zones: readonly string[];
  readonly gpus: readonly string[];
}

// Tens of thousands of offers have a thousand types: they are looked through once for each catalogue.
const known = new WeakMap<PreparedCatalogue, Names>();

function namesIn(catalogue: PreparedCatalogue): Names {
  const before = known.get(catalogue);
  if (before !== undefined) return before;
  const machines = new Map(catalogue.ranked.map(({ machine }) => [machine.name, machine]));
  const names = {
    types: [...machines.keys()].sort(),
    zones: [...new Set(catalogue.ranked.map(({ zone }) => zone))].sort(),
    gpus: [...new Set([...machines.values()].flatMap(({ gpu }) => gpu?.name ?? []))].sort(),
  };
  known.set(catalogue, names);
  return names;
}
