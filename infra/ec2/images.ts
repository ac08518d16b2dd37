import { DescribeImagesCommand, type EC2Client, type Image } from '@aws-sdk/client-ec2';
import type { callRate } from './call-rate.ts';

/** What a launch has to know of its image. */
export interface BootImage {
  /** An AMI's id, or `resolve:ssm:<parameter>`. */
  readonly id: string;
  /** The device that its root volume is attached as. A mapping of another name would add a second volume. */
  readonly root: string;
  /** GiB of its root's snapshot: EC2 makes no smaller volume of it. 0: as large as any. */
  readonly gib: number;
}

/** One of which nothing is known: AWS's images name their root so. */
export const likeAws = (id: string): BootImage => ({ id, root: '/dev/xvda', gib: 0 });

/**
 * Images by their ids, each asked for once: an AMI never changes. Of AWS's own, which a parameter names, nothing is asked.
 * Throws what the SDK throws.
 */
export function bootImages(
  client: EC2Client,
  rate: ReturnType<typeof callRate>,
): (id: string) => Promise<BootImage> {
  const known = new Map<string, BootImage>();
  return async (id) => {
    const before = known.get(id);
    if (before !== undefined) return before;
    if (!id.startsWith('ami-')) return likeAws(id);
    await rate.take();
    const { Images: [image] = [] } = await client.send(new DescribeImagesCommand({ ImageIds: [id] }));
    // RunInstances knows best what is wrong with one that is not there.
    if (image === undefined) return likeAws(id);
    const found = bootImage(id, image);
    known.set(id, found);
    return found;
  };
}

function bootImage(id: string, { RootDeviceName, BlockDeviceMappings = [] }: Image): BootImage {
  const root = RootDeviceName ?? likeAws(id).root;
  const mapping = BlockDeviceMappings.find(({ DeviceName }) => DeviceName === root);
  return { id, root, gib: mapping?.Ebs?.VolumeSize ?? 0 };
}
