#!/usr/bin/env node
// The `sortie` command, on whatever Node the system has: hands over to the project's own where that one is too old.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { nodeForTypeScript, noNode, runsTypeScript } from './node24.mjs';

const main = new URL('./main.ts', import.meta.url);

if (!existsSync(new URL('../node_modules/.package-lock.json', import.meta.url))) {
  fail(
    `sortie: its packages are not installed. Type \`npm ci --prefix ${fileURLToPath(new URL('..', import.meta.url))}\`, then the same command again.`,
  );
} else if (runsTypeScript()) {
  await import(main.href);
} else {
  const node = nodeForTypeScript();
  if (node === null) fail(noNode('sortie'));
  else handOver(node);
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes; sent on as well, the child would take it for a second, impatient one.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) =>
    fail(`sortie: ${node} does not start (${error.message}). Type \`npm ci\` and try again.`),
  );
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
