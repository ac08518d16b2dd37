import { hostname, userInfo } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError } from 'commander';
import type { DeploymentPlan, Wanted } from '../../infra/deployment/deploy.ts';
import { clientOf } from '../client/client.ts';
import { deploymentOf, keep, keptAt } from '../deployments.ts';
import { Exit, Failure } from '../exit.ts';
import { confirm } from '../terminal/confirm.ts';
import { err, out } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';
import { examples } from './asking.ts';
import { deploying, onAccount, progressing, type Where } from './deploying.ts';
import { findingLines, ofAccount } from './doctor.ts';

const LOCK = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

type Options = Where & {
  readonly vpc?: string;
  readonly subnets?: string;
  readonly alarmEmail?: string;
  readonly param: Readonly<Record<string, string>>;
  readonly allow: ReadonlyMap<string, string>;
  readonly revoke: readonly string[];
  readonly dryRun?: true;
  readonly yes?: true;
};

export const deploy = (): Command =>
  deploying('deploy')
    .summary('deploy Sortie to an AWS account, or update it (npm run deploy)')
    .description(
      'Finds where instances can run, shows what will be made, builds, deploys and waits. The first time it makes a token for you, which is kept in your own settings; the deployment gets its hash. An update keeps all that was given before.',
    )
    .option('--vpc <id>', 'where instances run (the default VPC); its best subnet of each zone is taken')
    .option('--subnets <ids>', 'these subnets, with commas between them')
    .option('--alarm-email <address>', "who is told when something needs looking at; '': nobody")
    .option('--param <name=value>', 'another parameter of serverless.yml; once for each', parameter, {})
    .option(
      '--allow <name:sha256>',
      'let somebody in, by the hash that `sortie token` shows; once for each',
      user,
      new Map(),
    )
    .option(
      '--revoke <name>',
      'shut somebody out; once for each',
      (name: string, all: string[]) => [...all, name],
      [],
    )
    .option('--dry-run', 'show what would be made, and stop')
    .addHelpText(
      'after',
      examples(
        'sortie deploy --dry-run',
        'sortie deploy --stage prod --region eu-west-1 --alarm-email ops@example.com',
        'sortie deploy --subnets subnet-0123…,subnet-4567…',
      ),
    )
    .action((options: Options) =>
      onAccount(options, async ({ account, stage, region, environment }) => {
        const flows = await import('../../infra/deployment/deploy.ts');
        const { newToken } = await import('../../infra/deployment/tokens.ts');
        const { nodeFromNpm } = await import('../../infra/deployment/node-from-npm.ts');
        const { osls } = await import('../../infra/deployment/serverless.ts');
        const { account: number } = await during('asking AWS', account.whoAmI());
        const key = { stage, region, account: number };
        const kept = deploymentOf(key);
        const token = kept?.token ?? newToken();
        const plan = await during(
          'looking at the account',
          flows.planDeployment(account, wantedOf(options, region, token)),
        );
        for (const line of shown(plan)) err.line(line);
        if (options.dryRun) {
          err.line('nothing was changed (--dry-run)');
          return;
        }
        if (!options.yes && (await confirm(`Deploy ${plan.stack}?`)) === 'no') {
          err.line('nothing was changed');
          process.exitCode = Exit.failed;
          return;
        }
        // Before the hash is there: a token that nobody has would be the deployment's only one.
        keep({ ...key, url: kept?.url ?? null, token });
        const { url, unread } = await progressing((onProgress) =>
          flows.deploy(account, osls({ stage, region }, environment), nodeFromNpm(LOCK), plan, onProgress),
        );
        keep({ ...key, url, token });
        err.line(`${plan.stack} is deployed. Commands go there from now on, with the token in ${keptAt}`);
        err.line('(on another machine: SORTIE_URL and SORTIE_TOKEN)');
        out.line(url);
        if (unread !== null) {
          err.line(err.paint.yellow(`the types and prices of this account could not be read: ${unread}`));
          err.line(`  hint: it is tried again every hour; at once: sortie deploy --stage ${stage}`);
        }
        await answering(url, token);
        for (const line of findingLines(await ofAccount(options), err.paint)) err.line(line);
        err.line('next: sortie canary (small jobs of every kind), or: sortie apply -f examples/hello.yaml');
      }),
    );

function wantedOf(options: Options, region: string, token: string): Wanted {
  return {
    stage: options.stage,
    region,
    parameters: {
      ...options.param,
      // A network that is named anew is not mixed with the one before.
      ...(options.vpc !== undefined && { vpc: options.vpc, subnets: '' }),
      ...(options.subnets !== undefined && { vpc: options.vpc ?? '', subnets: options.subnets }),
      ...(options.alarmEmail !== undefined && { alarmEmail: options.alarmEmail }),
    },
    token,
    user: spelled(userInfo().username) || 'admin',
    machine: spelled(hostname()) || 'here',
    admitted: options.allow,
    revoked: options.revoke,
  };
}

/** As names of users are. */
const spelled = (name: string): string => name.replace(/[^\w.-]/g, '');

function shown(plan: DeploymentPlan): string[] {
  const { identity, region, chosen } = plan;
  const mail = chosen['alarmEmail'];
  const functions = {
    small: 'little: users and react are held back; ask for more in Service Quotas, “Concurrent executions”',
    shared: 'none of them reserved',
    reserved: '100 of them kept for the API',
  }[plan.share];
  const others = Object.entries(chosen).filter(([name]) => !['vpc', 'subnets', 'alarmEmail'].includes(name));
  return [
    `account    ${identity.account} in ${region}, as ${identity.arn}`,
    `stack      ${plan.stack}, ${plan.kind === 'new' ? 'new' : 'updated'}`,
    ...(plan.takesBack.length > 0 ? [`history    taken back: ${plan.takesBack.join(', ')}`] : []),
    ...plan.subnets.map(
      ({ zone, subnet, wayOut }, n) =>
        `${n === 0 ? 'network ' : '        '}   ${zone} ${subnet} (${wayOut}), ${plan.vpc}`,
    ),
    `functions  ${plan.concurrency.toLocaleString('en-US')} at once in this account, ${functions}`,
    `users      ${plan.users.map((name) => (name === plan.user ? `${name} (you)` : name)).join(', ')}`,
    `alarms     ${mail === undefined ? 'tell nobody: --alarm-email' : mail}`,
    ...(others.length > 0
      ? [`parameters ${others.map(([name, value]) => `${name}=${value}`).join(' ')}`]
      : []),
    'costs      nothing always on; about $0.60 a month for the schedule and the alarms (docs/deploying.md)',
    ...plan.warnings.map((warning) => `${err.paint.yellow('warning')}    ${warning}`),
    ...(plan.leftOut.length > 0
      ? [`           so no instance is launched in ${plan.leftOut.map(({ zone }) => zone).join(', ')}`]
      : []),
  ];
}

// A new API's name takes some seconds to be known to every resolver.
const PATIENCE = 60_000;

async function answering(url: string, token: string): Promise<void> {
  const client = clientOf({ url, token, unanswered: 'sortie ps' });
  const since = Date.now();
  for (;;) {
    try {
      await during('waiting for the API', client.runs({ limit: 1 }));
      return;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (Date.now() - since > PATIENCE)
        throw new Failure(`it is deployed, and does not answer yet: ${error.message}`, {
          exit: Exit.unreachable,
          next: 'wait a minute, then: sortie ps',
          cause: error,
        });
      await pause(3_000);
    }
  }
}

function parameter(text: string, all: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=');
  const name = text.slice(0, at);
  const own = {
    vpc: '--vpc',
    subnets: '--subnets',
    alarmEmail: '--alarm-email',
    tokens: '--allow and --revoke',
  }[name];
  if (own !== undefined) throw new InvalidArgumentError(`Use ${own}.`);
  if (at < 1) throw new InvalidArgumentError('It is written name=value.');
  return { ...all, [name]: text.slice(at + 1) };
}

function user(text: string, all: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [name = '', sha256 = ''] = text.split(':');
  if (!/^[\w.@-]+$/.test(name) || !/^[0-9a-f]{64}$/.test(sha256))
    throw new InvalidArgumentError('It is the second line of `sortie token NAME`: name:sha256.');
  return new Map([...all, [name, sha256]]);
}
