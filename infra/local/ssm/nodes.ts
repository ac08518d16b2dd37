import type * as z from 'zod';
import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import { type AwsError, awsError } from '../wire/aws-error.ts';
import { epochSeconds } from './json-protocol.ts';
import { badToken } from './refusals.ts';
import type { describeInstanceInformationSchema } from './requests.ts';

/** A registered node as DescribeInstanceInformation shows it. */
export type Node = {
  readonly instance: string;
  readonly ping: 'Online' | 'ConnectionLost';
  readonly registeredAt: number;
  readonly lastPingAt: number;
};

/** Of the SSM agent whose behaviour the local one follows. */
const agentVersion = '3.3.0.0';

const filterable: Readonly<Record<string, (node: Node) => string>> = {
  InstanceIds: ({ instance }) => instance,
  PingStatus: ({ ping }) => ping,
  PlatformTypes: () => 'Linux',
  ResourceType: () => 'EC2Instance',
  AgentVersion: () => agentVersion,
};

export function describeNodes(
  nodes: readonly Node[],
  call: z.infer<typeof describeInstanceInformationSchema>,
): Result<object, AwsError> {
  const filters = [
    ...call.Filters.map(({ Key, Values }) => ({ key: Key, values: Values })),
    ...call.InstanceInformationFilterList.map(({ key, valueSet }) => ({ key, values: valueSet })),
  ];
  const strange = filters.find(({ key }) => !Object.hasOwn(filterable, key));
  if (strange) return fail(awsError('InvalidFilterKey', `The filter key ${strange.key} is not valid.`));
  const after = call.NextToken === undefined ? '' : Buffer.from(call.NextToken, 'base64url').toString();
  if (after !== '' && !after.startsWith('i-')) return fail(badToken);

  const matching = nodes.filter(
    (node) =>
      node.instance > after &&
      filters.every(({ key, values }) => values.includes(filterable[key]?.(node) ?? '')),
  );
  const page = matching.slice(0, call.MaxResults);
  const last = page.at(-1);
  const more = last && page.length < matching.length;
  return ok({
    InstanceInformationList: page.map(nodeJson),
    ...(more ? { NextToken: Buffer.from(last.instance).toString('base64url') } : {}),
  });
}

const nodeJson = (node: Node): object => ({
  InstanceId: node.instance,
  PingStatus: node.ping,
  LastPingDateTime: epochSeconds(node.lastPingAt),
  AgentVersion: agentVersion,
  IsLatestVersion: true,
  PlatformType: 'Linux',
  PlatformName: 'Amazon Linux',
  PlatformVersion: '2023',
  ResourceType: 'EC2Instance',
  RegistrationDate: epochSeconds(node.registeredAt),
  ComputerName: node.instance,
});
