import { beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../../infra/deployment/account.ts';
import { shareOf } from '../../../infra/deployment/concurrency.ts';
import { deploy, planDeployment, type Wanted } from '../../../infra/deployment/deploy.ts';
import { Refusal, refusalOf } from '../../../infra/deployment/refusal.ts';
import { remainsOf, remove } from '../../../infra/deployment/remove.ts';
import { hashOf } from '../../../infra/deployment/tokens.ts';
import { memoryAccount, publicNetwork } from '../../fakes/memory-account.ts';

let aws = memoryAccount();
beforeEach(() => {
  aws = memoryAccount();
});

const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  ...{ stage: 'prod', region: 'us-east-1', parameters: {}, token: 'a token', user: 'ann', machine: 'desk' },
  ...{ admitted: new Map<string, string>(), revoked: [] },
  ...more,
});
const silent = () => {};
const node = [
  {
    ...{ arch: 'arm64' as const, version: '24.0.0', integrity: 'sha512-x' },
    gzipped: async () => Buffer.from('node'),
  },
];
async function deployed(more: Partial<Wanted> = {}) {
  const plan = await planDeployment(aws.account, wanted(more));
  await deploy(aws.account, aws.serverless('sortie-prod'), node, plan, silent);
  return plan;
}
async function removed(account: Account = aws.account, deleteHistory = false) {
  const remains = await remainsOf(account, 'prod', 'us-east-1');
  await remove(account, remains, { deleteHistory, every: 0 }, silent);
}
const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => new Refusal('nothing', ''),
    (error: Refusal) => error,
  );
const tokens = () => aws.state.functions.get('sortie-prod-authorize')?.environment['SORTIE_TOKENS'];

describe('the first deployment', () => {
  test('finds the default VPC and its subnets by zone, and passes both', async () => {
    const { parameters, kind } = await deployed();
    expect(kind).toBe('new');
    expect(parameters).toMatchObject({
      vpc: 'vpc-default',
      subnets: 'us-east-1a=subnet-vpc-default-a,us-east-1b=subnet-vpc-default-b',
      concurrency: 'reserved',
      publicIpv4: 'yes',
    });
  });

  test('has Node in its bucket, for instances to fetch', async () => {
    await deployed();
    expect([...aws.state.objects.keys()]).toEqual([
      expect.stringMatching(/^sortie-prod-123456789012-us-east-1\/node\/v24\.0\.0-linux-arm64-\w+\.gz$/),
      expect.stringMatching(/^sortie-prod-123456789012-us-east-1\/node\//),
    ]);
  });

  test('gets the hash of the token, and nothing that the token could be had from', async () => {
    await deployed();
    expect(tokens()).toBe(`ann:${hashOf('a token')}`);
    expect(JSON.stringify([...aws.state.stacks, ...aws.state.functions])).not.toContain('a token');
  });

  test('is refused without a default VPC, with the command that makes one', async () => {
    aws.state.defaultVpc = null;
    const { message, next } = await refused(deployed());
    expect([message, next]).toEqual([
      'there is no default VPC in us-east-1',
      expect.stringContaining('aws ec2 create-default-vpc --region us-east-1'),
    ]);
  });

  test('leaves out a zone whose subnet leads nowhere, and says so', async () => {
    const { subnets, routeTables } = publicNetwork('vpc-default', ['a', 'b']);
    const lost = { vpc: 'vpc-default', main: false, subnets: ['subnet-vpc-default-b'], defaultRoute: null };
    aws.state.networks.set('vpc-default', { subnets, routeTables: [...routeTables, lost] });
    const plan = await planDeployment(aws.account, wanted());
    expect(plan.parameters['subnets']).toBe('us-east-1a=subnet-vpc-default-a');
    expect(plan.warnings).toEqual([
      expect.stringContaining('subnet-vpc-default-b (us-east-1b) has no route out'),
    ]);
  });

  test('behind a NAT, prices instances without a public address', async () => {
    const { subnets, routeTables } = publicNetwork('vpc-default', ['a']);
    const nat = routeTables.map((table) => ({ ...table, defaultRoute: 'nat-1' }));
    aws.state.networks.set('vpc-default', { subnets, routeTables: nat });
    expect((await planDeployment(aws.account, wanted())).parameters['publicIpv4']).toBe('no');
  });

  test('takes subnets that are named, whatever their routes show', async () => {
    const own = publicNetwork('vpc-own', ['a']);
    aws.state.networks.set('vpc-own', { ...own, routeTables: [] });
    const plan = await planDeployment(aws.account, wanted({ parameters: { subnets: 'subnet-vpc-own-a' } }));
    expect(plan.parameters).toMatchObject({ vpc: 'vpc-own', subnets: 'us-east-1a=subnet-vpc-own-a' });
    expect(plan.warnings).toHaveLength(1);
  });

  test("is refused where the bucket's name is another account's", async () => {
    aws.state.foreignBuckets.add('sortie-prod-123456789012-us-east-1');
    expect((await refused(deployed())).message).toContain('sortie-prod-123456789012-us-east-1 is not yours');
  });

  test.each([
    ['ROLLBACK_COMPLETE', 'sortie remove --stage prod'],
    ['DELETE_FAILED', 'sortie remove --stage prod'],
    ['UPDATE_ROLLBACK_FAILED', 'aws cloudformation continue-update-rollback'],
    ['UPDATE_IN_PROGRESS', 'aws cloudformation wait stack-update-complete'],
    ['DELETE_IN_PROGRESS', 'aws cloudformation wait stack-delete-complete'],
    ['REVIEW_IN_PROGRESS', 'aws cloudformation delete-stack'],
  ])('is refused while the stack is in %s', async (status, next) => {
    aws.state.stacks.set('sortie-prod', { status, reason: null, outputs: {}, resources: {} });
    const refusal = await refused(deployed());
    expect(refusal.message).toContain(status === 'DELETE_IN_PROGRESS' ? 'is being removed' : status);
    expect(refusal.next).toContain(next);
  });

  test('that was rolled back goes on with the table that it left', async () => {
    aws.state.tables.add('sortie-prod');
    const resources = { ServerlessDeploymentBucket: 'sortie-prod-artifacts' };
    aws.state.stacks.set('sortie-prod', {
      status: 'UPDATE_ROLLBACK_COMPLETE',
      reason: null,
      outputs: {},
      resources,
    });
    const { takesBack } = await deployed();
    expect(takesBack).toEqual(['sortie-prod']);
    expect(aws.state.stacks.get('sortie-prod')?.resources['Table']).toBe('sortie-prod');
  });
});

describe('the types and prices of the account', () => {
  test('are read at the end of a deployment', async () => {
    const plan = await planDeployment(aws.account, wanted());
    expect(await deploy(aws.account, aws.serverless('sortie-prod'), node, plan, silent)).toEqual({
      url: 'https://api.example',
      unread: null,
    });
    expect(aws.state.invoked).toEqual(['sortie-prod-refresh']);
  });

  test('that cannot be read do not undo it, and are told', async () => {
    aws.state.invocationFails = 'EC2 throttles';
    const plan = await planDeployment(aws.account, wanted());
    expect(await deploy(aws.account, aws.serverless('sortie-prod'), node, plan, silent)).toMatchObject({
      unread: 'EC2 throttles',
    });
  });
});

describe('the next deployment', () => {
  test('keeps who may call, and what was given', async () => {
    const bob = hashOf('of bob');
    await deployed({
      parameters: { fleetInstances: '40', alarmEmail: 'ops@example.com' },
      admitted: new Map([['bob', bob]]),
    });
    const plan = await deployed();
    expect(plan.kind).toBe('update');
    expect(plan.parameters).toMatchObject({ fleetInstances: '40', alarmEmail: 'ops@example.com' });
    expect(tokens()).toBe(`bob:${bob},ann:${hashOf('a token')}`);
  });

  test('from another machine lets its token in as well, under a name of its own', async () => {
    await deployed();
    await deployed({ token: 'another', machine: 'laptop' });
    expect(tokens()).toBe(`ann:${hashOf('a token')},ann@laptop:${hashOf('another')}`);
  });

  test('shuts out who is revoked, and names who there is where that is nobody', async () => {
    await deployed({ admitted: new Map([['bob', hashOf('of bob')]]) });
    await deployed({ revoked: ['bob'] });
    expect(tokens()).toBe(`ann:${hashOf('a token')}`);
    expect((await refused(deployed({ revoked: ['bob'] }))).message).toContain('there are: ann');
  });

  test('goes back to the default of what is given empty', async () => {
    await deployed({ parameters: { alarmEmail: 'ops@example.com', fleetInstances: '40' } });
    const { chosen } = await deployed({ parameters: { alarmEmail: '' } });
    expect(chosen).toEqual({ fleetInstances: '40' });
  });

  test('reserves as the first one did, though less is unreserved by now', async () => {
    aws.state.concurrency = { limit: 400, unreserved: 300 };
    await deployed();
    aws.state.concurrency = { limit: 400, unreserved: 200 };
    expect((await deployed()).share).toBe('reserved');
  });
});

test.each([
  [10, 10, 0, 'small'],
  [250, 250, 0, 'shared'],
  [1_000, 1_000, 0, 'reserved'],
  [1_000, 150, 0, 'shared'],
])('of %d executions, %d of them unreserved, it takes: %s', (limit, unreserved, ours, share) => {
  expect(shareOf({ limit, unreserved }, ours)).toBe(share);
});

describe('removing', () => {
  beforeEach(async () => {
    await deployed();
    aws.state.buckets.set('sortie-prod-123456789012-us-east-1', 7);
    for (const id of ['i-1', 'i-2']) aws.state.instances.add(id);
    aws.state.groups.add('sortie-prod-fleet');
  });
  const left = () => {
    const { stacks, functions, instances, groups, buckets, tables, logGroups } = aws.state;
    return [stacks, functions, instances, groups, buckets, tables, logGroups].map(({ size }) => size);
  };

  test('ends the instances, deletes stack and bucket, and keeps the history', async () => {
    await removed();
    expect(left()).toEqual([0, 0, 0, 0, 0, 1, 1]);
  });

  test('deletes the history where that is asked, also after the rest is gone', async () => {
    await removed();
    await removed(aws.account, true);
    expect(left()).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  test('and deploying again gives the history back', async () => {
    await removed();
    const { kind, takesBack } = await deployed();
    expect([kind, takesBack]).toEqual(['new', ['sortie-prod', '/sortie/prod/jobs']]);
  });

  test('interrupted at any call, the same again ends it', async () => {
    const whole = await calls();
    expect(whole).toBeGreaterThan(12);
    for (let n = 1; n <= whole; n++) {
      for (const when of ['before', 'after'] as const) {
        aws = memoryAccount();
        await deployed();
        aws.state.buckets.set('sortie-prod-123456789012-us-east-1', 7);
        aws.state.instances.add('i-1');
        await refused(removed(dyingAt(aws.account, n, when), true));
        await removed(aws.account, true);
        expect([n, when, ...left()]).toEqual([n, when, 0, 0, 0, 0, 0, 0, 0]);
      }
    }
  });

  test('interrupted at any call, a deployment brings it back to work', async () => {
    const whole = await calls();
    for (let n = 1; n <= whole; n++) {
      aws = memoryAccount();
      await deployed();
      aws.state.instances.add('i-1');
      await refused(removed(dyingAt(aws.account, n, 'after')));
      await deployed();
      const stopped = [...aws.state.functions].filter(([, { reserved }]) => reserved === 0);
      expect([n, aws.state.stacks.size, stopped]).toEqual([n, 1, []]);
    }
  });

  async function calls(): Promise<number> {
    let count = 0;
    await removed(
      hooked(aws.account, async (call) => {
        count += 1;
        return call();
      }),
      true,
    );
    return count;
  }
});

function dyingAt(account: Account, n: number, when: 'before' | 'after'): Account {
  let count = 0;
  return hooked(account, async (call) => {
    count += 1;
    if (count === n && when === 'before') throw new Refusal('killed', '');
    const answer = await call();
    if (count === n) throw new Refusal('killed', '');
    return answer;
  });
}

function hooked(account: Account, hook: (call: () => Promise<unknown>) => Promise<unknown>): Account {
  return new Proxy(account, {
    get:
      (target, name: keyof Account) =>
      (...args: unknown[]) =>
        hook(() => Reflect.apply(target[name], target, args) as Promise<unknown>),
  });
}

describe('a refusal of AWS', () => {
  const error = (name: string, message = 'of AWS') =>
    Object.assign(new Error(message), { name, $metadata: {} });
  const said = (given: unknown, profile?: string) => refusalOf(given, { region: 'us-east-1', profile });

  test.each([
    ['CredentialsProviderError', /no AWS credentials/, /aws configure/],
    ['ExpiredToken', /have expired/, /aws configure/],
    ['InvalidClientTokenId', /does not know these credentials/, /aws configure/],
    ['AccessDenied', /does not allow this: of AWS/, /docs\/deploying.md/],
    ['UnauthorizedOperation', /does not allow this/, /docs\/deploying.md/],
    ['ThrottlingException', /throttling/, /wait a minute/],
    ['OptInRequired', /OptInRequired: of AWS/, /docs/],
  ])('%s', (name, message, next) => {
    expect(said(error(name)).message).toMatch(message);
    expect(said(error(name)).next).toMatch(next);
  });

  test('names the profile to log in with', () => {
    expect(said(error('ExpiredToken'), 'work').next).toBe('aws sso login --profile work');
  });

  test('does not hide a bug of ours', () => {
    expect(() => said(new TypeError('undefined is not a function'))).toThrow(TypeError);
  });
});
