import type { RunInstancesCommandInput, TagSpecification } from '@aws-sdk/client-ec2';
import type { LaunchIntent } from '../../domain/instance/cloud.ts';
import type { OfferResources } from '../../domain/planning/offer.ts';
import { groupName } from './placement-groups.ts';

export interface Ec2CloudConfig {
  /** The value of the tag `sortie:deployment`: what is ours in the account. */
  readonly deployment: string;
  readonly region: string;
  /** By architecture or `nvidia` (x86_64 with NVIDIA's driver): an AMI's id, or `resolve:ssm:<parameter>`. */
  readonly images: Readonly<Record<string, string>>;
  /** By zone. Empty: the default VPC's subnet of the zone. */
  readonly subnets: Readonly<Record<string, readonly string[]>>;
  readonly securityGroup: string;
  /** The name of the nodes' instance profile. */
  readonly nodeProfile: string;
  /** The first boot's shell script; the same for the same intent, or EC2 refuses a repeated launch. */
  readonly userData: (intent: LaunchIntent) => string;
  /** How fast this process calls RunInstances, five at once aside, and EC2 as a whole. */
  readonly launchesPerSecond: number;
  readonly callsPerSecond: number;
}

/** Where in a zone: the default VPC, or the n-th of the zone's subnets. */
export type Place = { readonly subnet: string; readonly index: number } | 'default-vpc';

export function placesIn(config: Ec2CloudConfig, zone: string): readonly Place[] {
  if (Object.keys(config.subnets).length === 0) return ['default-vpc'];
  return (config.subnets[zone] ?? []).map((subnet, index) => ({ subnet, index }));
}

const hasNvidia = ({ gpus }: OfferResources): boolean => gpus.some(({ vendor }) => vendor === 'nvidia');

/** The kind of image that an offer boots; GPUs of other vendors boot the plain one. */
export const imageKind = (resources: OfferResources): string =>
  !hasNvidia(resources)
    ? resources.arch
    : resources.arch === 'x86_64'
      ? 'nvidia'
      : `nvidia-${resources.arch}`;

// Both images name their root so, and a volume may not be smaller than its snapshot: 8 GiB for Amazon Linux 2023, 75 for
// AWS's image with the driver and CUDA.
const ROOT_DEVICE = '/dev/xvda';
const smallestDisk = (resources: OfferResources): number => (hasNvidia(resources) ? 75 : 8);

/** The same intent and place give the same request, which is what its token promises EC2. */
export function launchRequest(
  config: Ec2CloudConfig,
  intent: LaunchIntent,
  image: string,
  place: Place,
): RunInstancesCommandInput {
  const { offer } = intent;
  const group = intent.group === null ? {} : { GroupName: groupName(config.deployment, intent.group) };
  return {
    MinCount: 1,
    MaxCount: 1,
    ClientToken: tokenFor(intent, place),
    InstanceType: offer.instance_type as NonNullable<RunInstancesCommandInput['InstanceType']>,
    ImageId: image,
    SecurityGroupIds: [config.securityGroup],
    IamInstanceProfile: { Name: config.nodeProfile },
    // Hop limit 1: a container on the instance cannot reach the node's credentials.
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' },
    InstanceInitiatedShutdownBehavior: 'terminate',
    BlockDeviceMappings: [
      {
        DeviceName: ROOT_DEVICE,
        Ebs: {
          VolumeSize: Math.max(Math.ceil(offer.resources.disk_gib), smallestDisk(offer.resources)),
          VolumeType: 'gp3',
          Encrypted: true,
          DeleteOnTermination: true,
        },
      },
    ],
    TagSpecifications: tagSpecifications(config.deployment, intent),
    UserData: Buffer.from(config.userData(intent)).toString('base64'),
    ...(place === 'default-vpc'
      ? { Placement: { AvailabilityZone: offer.zone, ...group } }
      : { SubnetId: place.subnet, ...(intent.group !== null && { Placement: group }) }),
    ...(offer.spot === 'spot' && {
      InstanceMarketOptions: {
        MarketType: 'spot',
        SpotOptions: { SpotInstanceType: 'one-time', InstanceInterruptionBehavior: 'terminate' },
      },
    }),
  };
}

/** A token stands for one request: each further subnet needs one of its own. */
const tokenFor = (intent: LaunchIntent, place: Place): string =>
  place === 'default-vpc' || place.index === 0 ? intent.instance : `${intent.instance}-${place.index}`;

function tagSpecifications(deployment: string, intent: LaunchIntent): TagSpecification[] {
  const { instance, fleet, nonce } = intent;
  const all = {
    ...intent.tags,
    'sortie:deployment': deployment,
    'sortie:instance': instance,
    'sortie:fleet': fleet,
    'sortie:nonce': nonce,
    Name: `sortie-${fleet}-${instance.slice(-6)}`,
  };
  const Tags = Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
  return (['instance', 'volume'] as const).map((ResourceType) => ({ ResourceType, Tags }));
}
