import type { AwsError } from '../wire/aws-error.ts';
import { awsError } from '../wire/aws-error.ts';
import type { Faults } from '../wire/faults.ts';
import { list, type QueryTree, text, texts, type XmlValue } from './query-protocol.ts';

/** An AMI that is well-formed is there: like those of AWS, unless a switch says otherwise. */
const imageOf = (id: string, faults: Faults) => faults.images[id] ?? { root: '/dev/xvda', gib: 8 };

export const describeImages = (call: QueryTree, faults: Faults): { readonly imagesSet: XmlValue } => ({
  imagesSet: texts(call, 'ImageId').map((id) => {
    const { root, gib } = imageOf(id, faults);
    const ebs = { snapshotId: snapshotOf(id), volumeSize: String(gib), volumeType: 'gp3' };
    return {
      ...{ imageId: id, imageState: 'available', rootDeviceType: 'ebs', rootDeviceName: root },
      blockDeviceMapping: [{ deviceName: root, ebs }],
    };
  }),
});

/** EC2 makes no volume of a snapshot that is smaller than that. */
export function checkVolumes(call: QueryTree, faults: Faults): AwsError | undefined {
  const id = text(call, 'ImageId') ?? '';
  const { root, gib } = imageOf(id, faults);
  const mapped = list(call, 'BlockDeviceMapping').find((one) => text(one, 'DeviceName') === root);
  const size = Number((mapped && text(mapped, 'Ebs.VolumeSize')) ?? gib);
  if (size >= gib) return undefined;
  return awsError(
    'InvalidBlockDeviceMapping',
    `Volume of size ${size}GB is smaller than snapshot '${snapshotOf(id)}', expect size >= ${gib}GB`,
  );
}

const snapshotOf = (image: string): string => image.replace(/^ami-/, 'snap-');
