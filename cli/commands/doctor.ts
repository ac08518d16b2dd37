import { existsSync, statfsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import type { Finding } from '../../infra/deployment/doctor.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { connectionOf, shown } from '../connection.ts';
import { Exit, Failure } from '../exit.ts';
import { err, out, type Paint, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { examples } from './asking.ts';
import { deploying, onAccount, type Where } from './deploying.ts';

type Options = Where & { readonly data?: string; readonly json?: true };

export const doctor = (): Command =>
  deploying('doctor')
    .summary('examine an AWS account and its deployment, or an embedded Sortie: what works, and what to do')
    .description(
      'Looks at an AWS account and the deployment in it, and changes nothing: credentials, network, quotas, spot, images, dry-run launches, functions. With --data it looks at the embedded Sortie of that folder.',
    )
    .option('--data <folder>', 'examine the embedded Sortie whose data this folder has')
    .option('--json', 'the findings as JSON')
    .addHelpText(
      'after',
      examples(
        'sortie doctor',
        'sortie doctor --stage prod --region eu-west-1',
        'sortie doctor --data .sortie',
      ),
    )
    .action(async (options: Options) => {
      const findings = options.data === undefined ? await ofAccount(options) : await ofEmbedded(options.data);
      if (options.json) printJson({ findings });
      else for (const line of findingLines(findings, out.paint)) out.line(line);
      const wrong = findings.filter(({ result }) => result === 'wrong').length;
      if (wrong > 0) err.line(err.paint.red(`${wrong} of ${findings.length} checks failed`));
      process.exitCode = wrong > 0 ? Exit.failed : Exit.ok;
    });

export const ofAccount = (where: Where): Promise<readonly Finding[]> =>
  onAccount(where, async ({ account, stage, region, profile }) => {
    const { examine } = await import('../../infra/deployment/doctor.ts');
    const { awsVitals } = await import('../../infra/deployment/aws-vitals.ts');
    const { defaultImages } = await import('../../infra/deployment/default-images.ts');
    const asked = { stage, region, profile, images: defaultImages() };
    return during('examining the account', examine(account, awsVitals({ region, profile }), asked));
  });

const Health = z.object({ status: z.string(), version: z.string() });

/** Least free space, in bytes: jobs write their output there. */
const LEAST_FREE = 1024 ** 3;

async function ofEmbedded(data: string): Promise<readonly Finding[]> {
  const { probeSandbox } = await import('../../infra/local/instance/sandbox.ts');
  const sandbox = await probeSandbox();
  const folder = resolve(data);
  if (!existsSync(folder))
    throw new Failure(`no Sortie has been started in ${shown(folder)}`, {
      exit: Exit.unreachable,
      next: `npm start -- --data ${data}`,
    });
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  return [
    { check: 'node', result: 'ok', says: `Node ${process.version}` },
    sandbox === 'process-group'
      ? {
          check: 'sandbox',
          result: 'limited',
          says: 'instances are process groups: what a job leaves running is not ended',
          hint: 'on Linux: apt-get install bubblewrap',
        }
      : { check: 'sandbox', result: 'ok', says: `instances are sandboxed by ${sandbox}` },
    free < LEAST_FREE
      ? {
          check: 'disk',
          result: 'wrong',
          says: `${Math.floor(free / 1024 ** 2)} MB are free for ${shown(folder)}`,
          hint: 'free some space, or start with --data on another disk',
        }
      : {
          check: 'disk',
          result: 'ok',
          says: `${Math.floor(free / LEAST_FREE)} GB are free for ${shown(folder)}`,
        },
    await ofApi(data),
  ];
}

async function ofApi(data: string): Promise<Finding> {
  const check = 'api';
  try {
    const { url } = connectionOf({ data });
    const answer = await fetch(`${url}/v1/health`, { signal: AbortSignal.timeout(10_000) });
    const { version } = Health.parse(await answer.json());
    return version === packageJson.version
      ? { check, result: 'ok', says: `${url} answers, version ${version}` }
      : {
          check,
          result: 'wrong',
          says: `${url} is version ${version}, and this is ${packageJson.version}`,
          hint: 'end it and start it again: npm start',
        };
  } catch (error) {
    const says = error instanceof Failure ? error.message : `it does not answer: ${(error as Error).message}`;
    return { check, result: 'wrong', says, hint: `npm start -- --data ${data}` };
  }
}

const MARKS = { ok: '✓', limited: '!', wrong: '✗' } as const;

export function findingLines(findings: readonly Finding[], paint: Paint): string[] {
  const wide = Math.max(...findings.map(({ check }) => check.length));
  const colour = { ok: paint.green, limited: paint.yellow, wrong: paint.red };
  return findings.flatMap(({ check, result, says, hint }) => [
    `${colour[result](MARKS[result])} ${check.padEnd(wide)}  ${says}`,
    ...(hint === undefined ? [] : [`  ${' '.repeat(wide)}  hint: ${hint}`]),
  ]);
}
