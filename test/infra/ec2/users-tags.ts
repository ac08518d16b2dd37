import { DescribeInstancesCommand, EC2Client, type EC2ClientConfig } from '@aws-sdk/client-ec2';

/** The tags of an instance as EC2 tells them, without those that Sortie sets itself. */
export async function usersTags(settings: EC2ClientConfig, ec2: string): Promise<Record<string, string>> {
  const client = new EC2Client({ region: 'us-east-1', ...settings });
  try {
    const found = await client.send(new DescribeInstancesCommand({ InstanceIds: [ec2] }));
    const tags = found.Reservations?.[0]?.Instances?.[0]?.Tags ?? [];
    const users = tags.filter(({ Key }) => Key !== 'Name' && !Key?.startsWith('sortie:'));
    return Object.fromEntries(users.map(({ Key, Value }) => [Key, Value]));
  } finally {
    client.destroy();
  }
}
