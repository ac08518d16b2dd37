import { type InstanceRecord, type InstanceState, stateCodes } from './instance-record.ts';
import type { XmlValue } from './query-protocol.ts';

/** The element names are those of EC2's Instance: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html */
function instanceXml(instance: InstanceRecord, account: string, region: string): XmlValue {
  const gone = instance.state === 'terminated';
  const dns = `ip-${instance.privateIp.replaceAll('.', '-')}.${region === 'us-east-1' ? 'ec2' : `${region}.compute`}.internal`;
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: stateXml(instance.state),
    privateDnsName: gone ? '' : dns,
    dnsName: '',
    reason: instance.transitionReason,
    keyName: instance.keyName ?? undefined,
    amiLaunchIndex: instance.launchIndex,
    productCodes: [],
    instanceType: instance.type,
    launchTime: new Date(instance.launchedAt),
    placement: { availabilityZone: instance.zone, groupName: instance.group ?? '', tenancy: 'default' },
    monitoring: { state: 'disabled' },
    ...(gone
      ? {}
      : { subnetId: instance.subnetId, vpcId: `vpc-${region}`, privateIpAddress: instance.privateIp }),
    groupSet: instance.securityGroups.map((group) => ({ groupId: group, groupName: group })),
    stateReason: instance.stateReason ?? undefined,
    architecture: instance.architecture,
    rootDeviceType: 'ebs',
    rootDeviceName: '/dev/xvda',
    virtualizationType: 'hvm',
    instanceLifecycle: instance.market === 'spot' ? 'spot' : undefined,
    spotInstanceRequestId: instance.spotRequest ?? undefined,
    clientToken: instance.clientToken ?? '',
    tagSet: Object.entries(instance.tags).map(([key, value]) => ({ key, value })),
    hypervisor: 'xen',
    iamInstanceProfile: instance.profile === null ? undefined : profileXml(instance.profile, account),
    metadataOptions: {
      state: instance.state === 'pending' ? 'pending' : 'applied',
      httpTokens: instance.metadata.httpTokens,
      httpPutResponseHopLimit: instance.metadata.hopLimit,
      httpEndpoint: 'enabled',
    },
  };
}

/** Instances under their reservations, in the order of their launch. */
export function reservationsXml(
  instances: readonly InstanceRecord[],
  account: string,
  region: string,
): XmlValue {
  const reservations = Map.groupBy(instances, (instance) => instance.reservation);
  return [...reservations].map(([reservationId, members]) => ({
    reservationId,
    ownerId: account,
    groupSet: [],
    instancesSet: members.map((instance) => instanceXml(instance, account, region)),
  }));
}

export const stateXml = (state: InstanceState): XmlValue => ({ code: stateCodes[state], name: state });

const profileXml = (profile: string, account: string): XmlValue => ({
  arn: profile.startsWith('arn:') ? profile : `arn:aws:iam::${account}:instance-profile/${profile}`,
  id: 'AIPALOCALLOCALLOCAL00',
});
