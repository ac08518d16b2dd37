import { randomUUID } from 'node:crypto';

/** An event as EventBridge hands it to its rules. `time` has no fractions of a second, as AWS's have none. */
export type AwsEvent = {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
};

export type Emit = (event: AwsEvent) => void;

/** Where the embedded AWS pretends to be. */
export type Place = { readonly region: string; readonly account: string };

export function awsEvent(
  place: Place,
  at: number,
  content: Pick<AwsEvent, 'source' | 'detail-type' | 'resources' | 'detail'>,
): AwsEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': content['detail-type'],
    source: content.source,
    account: place.account,
    time: `${new Date(at).toISOString().slice(0, 19)}Z`,
    region: place.region,
    resources: content.resources,
    detail: content.detail,
  };
}

export const instanceArn = ({ region, account }: Place, instance: string): string =>
  `arn:aws:ec2:${region}:${account}:instance/${instance}`;
