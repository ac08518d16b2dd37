import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { shutdownScript } from './shutdown-script.ts';

const sources = ['agent.ts', 'agent-command.ts', 'agent-link.ts', 'processes.ts', 'protocol.ts'];

/** All of the data folder that every instance sees: the agent, and where it finds SSM. */
export const agentsFolder = (data: string): string => join(data, 'agents');

/** What every instance shares, made once in `DATA/agents/<hash>/`. */
export type AgentProgram = { readonly entry: string; readonly shutdown: string };

/**
 * Takes the types out of the agent's own sources, once for all instances. Run as `.ts`, each agent would load the
 * compiler: 20 MB and 60 ms more (measured under Node 24.21).
 */
export async function prepareAgent(data: string): Promise<AgentProgram> {
  const texts = sources.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
  const hash = createHash('sha256')
    .update(JSON.stringify([texts, shutdownScript]))
    .digest('hex')
    .slice(0, 12);
  const directory = join(agentsFolder(data), hash);
  const program = { entry: join(directory, 'agent.mjs'), shutdown: join(directory, 'shutdown') };
  if (existsSync(directory)) return program;

  const draft = `${directory}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  const stripped = await stripTypes(texts);
  for (const [index, name] of sources.entries()) {
    writeFileSync(join(draft, name.replace('.ts', '.mjs')), stripped[index] ?? '');
  }
  writeFileSync(join(draft, 'shutdown'), shutdownScript, { mode: 0o755 });
  renameSync(draft, directory);
  return program;
}

// In a process of its own: stripTypeScriptTypes warns that it is experimental, which is not the user's business.
async function stripTypes(texts: readonly string[]): Promise<string[]> {
  const program = `
    const texts = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    const strip = require('node:module').stripTypeScriptTypes;
    process.stdout.write(JSON.stringify(texts.map((text) => strip(text).replaceAll(".ts';", ".mjs';"))));`;
  const running = promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '-e', program],
    { maxBuffer: 8 * 1024 * 1024 },
  );
  running.child.stdin?.end(JSON.stringify(texts));
  return JSON.parse((await running).stdout);
}
