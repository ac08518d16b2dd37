import { beforeEach, describe, expect, test } from 'vitest';
import { defaultImages } from '../../../infra/deployment/default-images.ts';
import { examine, type Finding } from '../../../infra/deployment/doctor.ts';
import { memoryAccount, publicNetwork } from '../../fakes/memory-account.ts';
import { ACTIVE, memoryVitals } from '../../fakes/memory-vitals.ts';

let aws = memoryAccount();
let vitals = memoryVitals();
beforeEach(() => {
  aws = memoryAccount();
  vitals = memoryVitals();
});

const asked = { stage: 'prod', region: 'us-east-1', profile: undefined, images: defaultImages() };
const findings = () => examine(aws.account, vitals.vitals, asked);
const but = (all: readonly Finding[], result: Finding['result']) =>
  all.filter((one) => one.result === result);

async function deployed() {
  for (const name of ['authorize', 'api', 'react', 'publish', 'observe', 'sync', 'refresh'])
    vitals.state.functions.set(`sortie-prod-${name}`, ACTIVE);
  aws.state.stacks.set('sortie-prod', {
    status: 'UPDATE_COMPLETE',
    reason: null,
    outputs: {},
    resources: {},
  });
}

describe('sortie doctor', () => {
  test('finds nothing wrong in an account in good health, and tries a launch in each zone', async () => {
    await deployed();
    const found = await findings();
    expect(found.filter(({ result }) => result !== 'ok')).toEqual([]);
    expect(found.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        'credentials',
        'network',
        'launch',
        'quota',
        'spot',
        'images',
        'concurrency',
        'deployment',
      ]),
    );
    expect(vitals.state.launches).toEqual([
      ...['t3.micro subnet-vpc-default-a', 't3.micro subnet-vpc-default-b', 'm5.large subnet-vpc-default-a'],
    ]);
  });

  test('says what is not deployed yet, with the command that deploys it', async () => {
    expect(but(await findings(), 'limited')).toEqual([
      {
        check: 'deployment',
        result: 'limited',
        says: 'sortie-prod is not deployed',
        hint: 'sortie deploy --stage prod',
      },
    ]);
  });

  const cases: Record<string, [() => void, Finding['result'], string, string]> = {
    'no default VPC': [
      () => {
        aws.state.defaultVpc = null;
      },
      ...(['limited', 'there is no default VPC in us-east-1', 'aws ec2 create-default-vpc'] as const),
    ],
    'no way out': [
      () => {
        const { subnets } = publicNetwork('vpc-default', ['a']);
        aws.state.networks.set('vpc-default', { subnets, routeTables: [] });
      },
      ...(['wrong', 'no subnet of vpc-default has a way out', 'sortie deploy --subnets'] as const),
    ],
    'a quota of nothing': [
      () => vitals.state.quotas.set('L-417A185B', 0),
      ...([
        'limited',
        'P (A100, H100), on-demand: 0 vCPUs',
        'servicequotas/home/services/ec2/quotas/L-417A185B',
      ] as const),
    ],
    'a quota that the account does not have': [
      () => vitals.state.quotas.delete('L-7212CCBC'),
      ...(['limited', 'P4, P3, P2, spot: 0 vCPUs', 'L-7212CCBC'] as const),
    ],
    'no role for spot': [
      () => {
        vitals.state.spotRole = 'absent';
      },
      ...([
        'wrong',
        'EC2 has no role for spot instances',
        'create-service-linked-role --aws-service-name spot.amazonaws.com',
      ] as const),
    ],
    'an image that the region lacks': [
      () =>
        vitals.state.missingImages.add(
          '/aws/service/deeplearning/ami/arm64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id',
        ),
      ...([
        'limited',
        'types that need nvidia-arm64 do not boot',
        '--param images=nvidia-arm64=ami-',
      ] as const),
    ],
    'a launch that is not allowed': [
      () => vitals.state.refusals.set('t3.micro', { code: 'UnauthorizedOperation', message: 'not you' }),
      ...([
        'wrong',
        'EC2 would refuse t3.micro in us-east-1a: UnauthorizedOperation: not you',
        'docs/deploying.md',
      ] as const),
    ],
    'a zone without the type': [
      () =>
        vitals.state.refusals.set('t3.micro subnet-vpc-default-b', {
          code: 'Unsupported',
          message: 'not there',
        }),
      ...(['limited', 't3.micro is not offered in us-east-1b', ''] as const),
    ],
    'a free plan': [
      () =>
        vitals.state.refusals.set('m5.large', {
          ...{
            code: 'InvalidParameterCombination',
            message: 'The specified instance type is not eligible for Free Tier.',
          },
        }),
      ...(['limited', 'a free plan', 'upgrade the plan'] as const),
    ],
    'a new account': [
      () => {
        aws.state.concurrency = { limit: 10, unreserved: 10 };
      },
      ...(['limited', 'Lambda runs 10 functions at once', 'Concurrent executions'] as const),
    ],
    'a stack that failed': [
      () =>
        aws.state.stacks.set('sortie-prod', {
          status: 'UPDATE_ROLLBACK_FAILED',
          reason: 'no',
          outputs: {},
          resources: {},
        }),
      ...(['wrong', 'sortie-prod is UPDATE_ROLLBACK_FAILED: no', 'sortie deploy'] as const),
    ],
    'a function that is missing': [
      () => vitals.state.functions.delete('sortie-prod-sync'),
      ...(['wrong', 'not active: sync (missing)', 'sortie deploy --stage prod'] as const),
    ],
    'a function whose update failed': [
      () => vitals.state.functions.set('sortie-prod-api', { ...ACTIVE, update: 'Failed' }),
      ...(['wrong', 'not active: api (update Failed)', 'sortie deploy'] as const),
    ],
  };
  test.each(Object.entries(cases))('finds %s', async (_, [change, result, says, hint]) => {
    await deployed();
    change();
    const found = but(await findings(), result);
    expect(found.map((one) => `${one.says} ${one.hint ?? ''}`).join('\n')).toContain(says);
    expect(found.map((one) => one.hint ?? '').join('\n')).toContain(hint);
  });

  test('goes on where AWS refuses one of its checks, and says which', async () => {
    await deployed();
    const denied = Object.assign(new Error('you may not list quotas'), {
      name: 'AccessDeniedException',
      $metadata: {},
    });
    vitals.vitals.quotas = () => Promise.reject(denied);
    const found = await findings();
    expect(but(found, 'wrong')).toEqual([
      {
        ...{
          check: 'quotas',
          result: 'wrong',
          says: 'not examined: AWS does not allow this: you may not list quotas',
        },
        hint: expect.stringContaining('docs/deploying.md'),
      },
    ]);
    expect(found.some(({ check }) => check === 'spot')).toBe(true);
  });
});
