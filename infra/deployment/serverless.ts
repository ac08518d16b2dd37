import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { OnProgress } from './account.ts';
import { Refusal } from './refusal.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const OSLS = join(PROJECT, 'node_modules/serverless/bin/serverless.js');
const PACKAGED = 'build/package';

export type Parameters = Readonly<Record<string, string>>;

/** What stands in the stack's template, by logical id. */
export type Resources = Readonly<Record<string, { readonly Type: string }>>;

/** The deployment framework, for one stage in one region. */
export interface Serverless {
  /** Builds and packages it; nothing of it needs an account. */
  package(parameters: Parameters, onProgress: OnProgress): Promise<Resources>;
  /** Creates or updates the stack to what has been packaged, and waits for it. */
  deploy(parameters: Parameters, onProgress: OnProgress): Promise<void>;
}

const Template = z.object({ Resources: z.record(z.string(), z.looseObject({ Type: z.string() })) });

/** `environment`: of the processes that it starts, with the profile and the endpoints of AWS. */
export function osls(
  { stage, region }: { readonly stage: string; readonly region: string },
  environment: Readonly<Record<string, string | undefined>>,
): Serverless {
  const run = (args: readonly string[], onLine: (line: string) => void) =>
    output(args, { ...environment, NO_COLOR: '1', FORCE_COLOR: '0' }, onLine);
  const given = (parameters: Parameters) => [
    ...['--stage', stage, '--region', region, '--package', PACKAGED],
    ...Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`]),
  ];

  return {
    async package(parameters, onProgress) {
      onProgress('building the functions and the SSM documents');
      for (const script of ['infra/runner/build-documents.ts', 'infra/build/build-functions.ts'])
        await run([script], () => {});
      onProgress('packaging');
      await run([OSLS, 'package', ...given(parameters)], () => {});
      const file = join(PROJECT, PACKAGED, 'cloudformation-template-update-stack.json');
      return Template.parse(JSON.parse(readFileSync(file, 'utf8'))).Resources;
    },

    async deploy(parameters, onProgress) {
      const done = new Set<string>();
      await run([OSLS, 'deploy', '--verbose', ...given(parameters)], (line) => {
        const event = /^\s*(\w+) - (AWS::\S+) - (\S+)$/.exec(line);
        if (event === null) {
          if (/^(Uploading|Creating|Updating|Removing)/.test(line)) onProgress(lowered(line));
          return;
        }
        const [, status = '', , id = ''] = event;
        if (status.endsWith('_COMPLETE')) done.add(id);
        onProgress(`${done.size} resources done; ${id}: ${status.toLowerCase().replaceAll('_', ' ')}`);
      });
    },
  };
}

const lowered = (line: string): string => line.charAt(0).toLowerCase() + line.slice(1).trim();

/** Runs a Node program in the project's folder. Throws a `Refusal` with what it said where it fails. */
async function output(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  onLine: (line: string) => void,
): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: PROJECT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let rest = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-20_000);
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return;
  const [, reason = said] = /\bError:\n([\s\S]*?)(?:\n\n|$)/.exec(said) ?? [];
  throw new Refusal(
    `${args[1] ?? args[0]} failed: ${reason.trim()}`,
    'see "When it fails" in docs/deploying.md; what is there stays, and the same command goes on from it',
  );
}
