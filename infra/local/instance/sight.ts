import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Inherited } from '../environment.ts';

/** Which folders of the machine an instance does not see, and which places in them it sees all the same. */
export type Sight = {
  readonly hidden: readonly string[];
  readonly shown: readonly { readonly path: string; readonly access: 'read' | 'write' }[];
};

/**
 * An instance sees its own part of the data folder, and of all that is `hidden` only what it needs: Node, and the socket of
 * the user's own container engine.
 */
export function sightOf(options: {
  readonly hidden: readonly string[];
  readonly directory: string;
  readonly agents: string;
  readonly inherited: Inherited;
}): Sight {
  const { hidden, directory, agents, inherited } = options;
  const socket = inherited.DOCKER_HOST?.match(/^unix:\/\/(\/.*)$/)?.[1];
  return {
    // The root folder is some system users' home.
    hidden: hidden.filter((path) => path !== '/' && existsSync(path)).map((path) => realpathSync(path)),
    shown: [
      { path: process.execPath, access: 'read' as const },
      // The folder of it, since an engine that is started again makes a new one.
      ...(socket === undefined ? [] : [{ path: dirname(socket), access: 'write' as const }]),
      { path: agents, access: 'read' as const },
      { path: directory, access: 'write' as const },
    ]
      .filter(({ path }) => existsSync(path) && !hidden.includes(path))
      .map(({ path, access }) => ({ path: realpathSync(path), access })),
  };
}
