import type { Account } from './account.ts';
import { shareOf } from './concurrency.ts';
import { namesOf } from './deploy.ts';
import { bestByZone, leadsOut, warningsOf } from './network.ts';
import { refusalOf } from './refusal.ts';
import type { Vitals } from './vitals.ts';

/** One line of a diagnosis. `limited`: Sortie works, within bounds that a user should know. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'limited' | 'wrong';
  readonly says: string;
  /** The command to type, or the page to open. */
  readonly hint?: string;
}

interface Examined {
  readonly stage: string;
  readonly region: string;
  readonly profile: string | undefined;
  /** By kind, as the parameter `images` has them. */
  readonly images: Readonly<Record<string, string>>;
}

/** EC2's vCPU quotas by the families that share one. Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html */
const QUOTAS = [
  { code: 'L-1216C47A', name: 'standard, on-demand' },
  { code: 'L-34B43A08', name: 'standard, spot' },
  { code: 'L-DB2E81BA', name: 'G and VT (L4, T4, A10G), on-demand' },
  { code: 'L-3819A6DF', name: 'G and VT, spot' },
  { code: 'L-417A185B', name: 'P (A100, H100), on-demand' },
  { code: 'L-7212CCBC', name: 'P4, P3, P2, spot' },
] as const;

const FUNCTIONS = ['authorize', 'api', 'react', 'publish', 'observe', 'sync', 'refresh'] as const;

/** Every account may launch the first; a free plan refuses the second. */
const [FREE, USUAL] = ['t3.micro', 'm5.large'] as const;

/** Looks at an account and at a deployment in it, and changes nothing. A check that AWS refuses is a finding like any other. */
export async function examine(account: Account, vitals: Vitals, asked: Examined): Promise<Finding[]> {
  const identity = await account.whoAmI();
  const checks: readonly (readonly [string, () => Promise<Finding[]>])[] = [
    ['network', () => network(account, vitals, asked)],
    ['quotas', () => quotas(vitals, asked)],
    ['spot', () => spot(vitals)],
    ['images', () => images(vitals, asked)],
    ['concurrency', () => concurrency(account)],
    ['deployment', () => deployment(account, vitals, asked, identity.account)],
  ];
  const findings = await Promise.all(
    checks.map(async ([check, look]) => {
      try {
        return await look();
      } catch (error) {
        const { message, next } = refusalOf(error, asked);
        return [{ check, result: 'wrong' as const, says: `not examined: ${message}`, hint: next }];
      }
    }),
  );
  const who: Finding = {
    check: 'credentials',
    result: 'ok',
    says: `account ${identity.account} in ${asked.region}, as ${identity.arn}`,
  };
  return [who, ...findings.flat()];
}

async function network(account: Account, vitals: Vitals, { region, images }: Examined): Promise<Finding[]> {
  const check = 'network';
  const vpc = await account.defaultVpc();
  if (vpc === null)
    return [
      {
        check,
        result: 'limited',
        says: `there is no default VPC in ${region}`,
        hint: `aws ec2 create-default-vpc --region ${region}, or deploy with --vpc or --subnets`,
      },
    ];
  const all = bestByZone(await account.network({ vpc }));
  const warned = warningsOf(all).map((says): Finding => ({ check, result: 'limited', says }));
  const usable = all.filter(leadsOut);
  const image = await vitals.imageAt(parameterOf(images['x86_64'] ?? ''));
  const tried = image === null ? [] : await launches(vitals, usable, image);
  return [
    usable.length > 0
      ? {
          check,
          result: 'ok',
          says: `${vpc}: instances reach SSM, S3 and the API from ${usable.map(({ zone }) => zone).join(', ')}`,
        }
      : {
          check,
          result: 'wrong',
          says: `no subnet of ${vpc} has a way out`,
          hint: 'see docs/deploying.md, or name others: sortie deploy --subnets',
        },
    ...warned,
    ...tried,
  ];
}

/** A dry run in each zone, and of a type that free plans refuse in the first. */
async function launches(
  vitals: Vitals,
  zones: readonly { zone: string; subnet: string }[],
  image: string,
): Promise<Finding[]> {
  const check = 'launch';
  const answers = await Promise.all(
    zones.map(async ({ zone, subnet }) => ({
      zone,
      answer: await vitals.tryLaunch({ type: FREE, image, subnet }),
    })),
  );
  const refused = answers.flatMap(({ zone, answer }): Finding[] =>
    answer === 'allowed'
      ? []
      : [
          answer.code === 'Unsupported'
            ? { check, result: 'limited', says: `${FREE} is not offered in ${zone}` }
            : {
                check,
                result: 'wrong',
                says: `EC2 would refuse ${FREE} in ${zone}: ${answer.code}: ${answer.message}`,
                hint: 'see the rights that deploying takes in docs/deploying.md',
              },
        ],
  );
  const allowed = answers.filter(({ answer }) => answer === 'allowed').map(({ zone }) => zone);
  const [first] = zones;
  const usual = first && (await vitals.tryLaunch({ type: USUAL, image, subnet: first.subnet }));
  const free =
    usual === undefined || usual === 'allowed' || !/free tier|free plan/i.test(usual.message)
      ? []
      : [
          {
            check,
            result: 'limited' as const,
            says: `a free plan: EC2 launches types of the free tier alone (${usual.message})`,
            hint: 'upgrade the plan of the account, or name free-tier types: instance_types: [t3.micro]',
          },
        ];
  return [
    ...(allowed.length > 0
      ? [{ check, result: 'ok' as const, says: `a dry run of ${FREE} is allowed in ${allowed.join(', ')}` }]
      : []),
    ...refused,
    ...free,
  ];
}

async function quotas(vitals: Vitals, { region }: Examined): Promise<Finding[]> {
  const found = await vitals.quotas(QUOTAS.map(({ code }) => code));
  return QUOTAS.map(({ code, name }): Finding => {
    const vcpus = found.get(code) ?? 0;
    const more = `https://${region}.console.aws.amazon.com/servicequotas/home/services/ec2/quotas/${code}`;
    return vcpus === 0
      ? {
          check: 'quota',
          result: 'limited',
          says: `${name}: 0 vCPUs, so none is launched`,
          hint: `ask for more: ${more}`,
        }
      : { check: 'quota', result: 'ok', says: `${name}: ${vcpus.toLocaleString('en-US')} vCPUs` };
  });
}

async function spot(vitals: Vitals): Promise<Finding[]> {
  if (await vitals.hasSpotRole())
    return [{ check: 'spot', result: 'ok', says: 'EC2 has its role for spot instances' }];
  return [
    {
      check: 'spot',
      result: 'wrong',
      says: 'EC2 has no role for spot instances, and refuses the first of them',
      hint: 'aws iam create-service-linked-role --aws-service-name spot.amazonaws.com',
    },
  ];
}

const parameterOf = (image: string): string => image.replace(/^resolve:ssm:/, '');

async function images(vitals: Vitals, { images: kinds, region }: Examined): Promise<Finding[]> {
  const found = await Promise.all(
    Object.entries(kinds)
      .filter(([, image]) => image.startsWith('resolve:ssm:'))
      .map(async ([kind, image]) => ({ kind, image, ami: await vitals.imageAt(parameterOf(image)) })),
  );
  const there = found.filter(({ ami }) => ami !== null).map(({ kind }) => kind);
  return [
    ...(there.length > 0
      ? [{ check: 'images', result: 'ok' as const, says: `there are images for ${there.join(', ')}` }]
      : []),
    ...found
      .filter(({ ami }) => ami === null)
      .map(
        ({ kind, image }): Finding => ({
          check: 'images',
          result: 'limited',
          says: `there is no ${parameterOf(image)} in ${region}: types that need ${kind} do not boot`,
          hint: `name an AMI of your own: sortie deploy --param images=${kind}=ami-…`,
        }),
      ),
  ];
}

async function concurrency(account: Account): Promise<Finding[]> {
  const found = await account.concurrency();
  const says = `Lambda runs ${found.limit.toLocaleString('en-US')} functions at once`;
  if (shareOf(found, 0) !== 'small') return [{ check: 'concurrency', result: 'ok', says }];
  return [
    {
      check: 'concurrency',
      result: 'limited',
      says: `${says}: many runs at once wait for each other`,
      hint: 'ask for 1,000, which is free: Service Quotas, AWS Lambda, “Concurrent executions”',
    },
  ];
}

async function deployment(
  account: Account,
  vitals: Vitals,
  { stage, region }: Examined,
  number: string,
): Promise<Finding[]> {
  const check = 'deployment';
  const { stack } = namesOf(stage, region, number);
  const found = await account.stack(stack);
  if (found === null)
    return [
      { check, result: 'limited', says: `${stack} is not deployed`, hint: `sortie deploy --stage ${stage}` },
    ];
  const complete = /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(found.status);
  const states = await Promise.all(
    FUNCTIONS.map(async (name) => ({ name, is: await vitals.functionState(`${stack}-${name}`) })),
  );
  const wrong = states.filter(({ is }) => is === null || is.state === 'Failed' || is.update !== 'Successful');
  const last = states
    .map(({ is }) => is?.modified ?? '')
    .sort()
    .at(-1);
  return [
    complete
      ? { check, result: 'ok', says: `${stack} is ${found.status}` }
      : {
          check,
          result: 'wrong',
          says: `${stack} is ${found.status}${found.reason === null ? '' : `: ${found.reason}`}`,
          hint: `sortie deploy --stage ${stage}`,
        },
    wrong.length === 0
      ? { check, result: 'ok', says: `its ${FUNCTIONS.length} functions are active, deployed ${last}` }
      : {
          check,
          result: 'wrong',
          says: `not active: ${wrong.map(({ name, is }) => `${name} (${is === null ? 'missing' : is.state === 'Failed' ? 'failed' : `update ${is.update}`})`).join(', ')}`,
          hint: `sortie deploy --stage ${stage}`,
        },
  ];
}
