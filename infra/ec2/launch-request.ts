import type { RunInstancesCommandInput, TagSpecification } from '@aws-sdk/client-ec2';
import type { LaunchIntent } from '../../domain/instance/cloud.ts';
import { imageOf } from '../../domain/planning/candidate.ts';
import { type ImageKind, volumeGib } from '../../domain/planning/image.ts';
import type { BootImage } from './images.ts';
import { groupName } from './placement-groups.ts';

export interface Ec2CloudConfig {
  /** The value of the tag `sortie:deployment`: what is ours in the account. */
  readonly deployment: string;
  readonly region: string;
  /** An AMI's id, or `resolve:ssm:<parameter>`. */
  readonly images: ReadonlyMap<ImageKind, string>;
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

/** The same intent and place give the same request, which is what its token promises EC2. */
export function launchRequest(
  config: Ec2CloudConfig,
  intent: LaunchIntent,
  image: BootImage,
  place: Place,
): RunInstancesCommandInput {
  const { offer } = intent;
  const group = intent.group === null ? {} : { GroupName: groupName(config.deployment, intent.group) };
  return {
    MinCount: 1,
    MaxCount: 1,
    ClientToken: tokenFor(intent, place),
    InstanceType: offer.instance_type as NonNullable<RunInstancesCommandInput['InstanceType']>,
    ImageId: image.id,
    SecurityGroupIds: [config.securityGroup],
    IamInstanceProfile: { Name: config.nodeProfile },
    // Hop limit 1: a container on the instance cannot reach the node's credentials.
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' },
    InstanceInitiatedShutdownBehavior: 'terminate',
    BlockDeviceMappings: [
      {
        DeviceName: image.root,
        Ebs: {
          VolumeSize: Math.max(volumeGib(offer.resources.disk_gib, imageOf(offer)), image.gib),
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
    // Else T3 and T4g would be unlimited, and their surplus billed.
    ...(offer.cpu_credits !== null && { CreditSpecification: { CpuCredits: offer.cpu_credits } }),
    ...(offer.spot === 'spot' && {
      InstanceMarketOptions: {
        MarketType: 'spot',
        SpotOptions: {
          SpotInstanceType: 'one-time',
          InstanceInterruptionBehavior: 'terminate',
          // Above it EC2 refuses the launch, or interrupts the instance as for want of capacity.
          ...(offer.spot_max_price !== null && { MaxPrice: offer.spot_max_price.toFixed(6) }),
        },
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
