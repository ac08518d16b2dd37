// Installs what package-lock.json asks for and node_modules lacks, so that every `npm run …` works in a fresh clone.
// Plain JavaScript without a package: it runs on Node 20, before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeForTypeScript, noNode } from './node24.mjs';

const root = new URL('../', import.meta.url);
const marker = new URL('node_modules/.sortie-installed', root);
const wanted =
  read('package-lock.json') ?? stop('package-lock.json is missing: this folder is not a whole clone.');
const fingerprint = createHash('sha256').update(wanted).digest('hex');

if (!installed()) install();
if (nodeForTypeScript() === null) stop(noNode('Sortie'));

function installed() {
  if (read('node_modules/.sortie-installed') === fingerprint) return true;
  // npm writes this file last, so it tells of a whole installation, whoever made it.
  const found = read('node_modules/.package-lock.json');
  if (found === null || !agree(JSON.parse(wanted).packages, JSON.parse(found).packages)) return false;
  writeFileSync(marker, fingerprint);
  return true;
}

function agree(wantedPackages, foundPackages) {
  return Object.entries(wantedPackages).every(([path, entry]) => {
    if (path === '') return true;
    const there = foundPackages[path];
    if (there === undefined) return entry.optional === true && !meantForThisMachine(entry);
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

// An optional package without `os` belongs to another optional one; `libc` is npm's to judge.
function meantForThisMachine({ os, cpu, libc }) {
  const has = (list, value) => [list ?? []].flat().includes(value);
  return libc === undefined && has(os, process.platform) && has(cpu, process.arch);
}

function install() {
  const count = Object.keys(JSON.parse(wanted).packages).length;
  console.error(`Installing Sortie's packages with npm ci (some ${count}, once, about half a minute) …`);
  const started = performance.now();
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const { status, error } = spawnSync(command, [...first, 'ci', '--loglevel=error'], {
    cwd: fileURLToPath(root),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (error || status !== 0) {
    stop(
      `npm ci failed${error ? ` (${error.message})` : ''}. Type \`npm ci\` to see why, then the same command again.`,
    );
  }
  writeFileSync(marker, fingerprint);
  console.error(`Installed in ${((performance.now() - started) / 1000).toFixed(0)} s.`);
}

function read(path) {
  try {
    return readFileSync(new URL(path, root), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
