import { type AwsEvent, awsEvent, instanceArn, type Place } from '../wire/aws-event.ts';
import type { InstanceRecord } from './instance-record.ts';

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html */
export const stateChanged = (place: Place, at: number, instance: InstanceRecord): AwsEvent =>
  awsEvent(place, at, {
    source: 'aws.ec2',
    'detail-type': 'EC2 Instance State-change Notification',
    resources: [instanceArn(place, instance.id)],
    detail: { 'instance-id': instance.id, state: instance.state },
  });

/** Its resource has the zone, and no account, where others have the region. */
export const interruptionWarning = (place: Place, at: number, instance: InstanceRecord): AwsEvent =>
  awsEvent(place, at, {
    source: 'aws.ec2',
    'detail-type': 'EC2 Spot Instance Interruption Warning',
    resources: [`arn:aws:ec2:${instance.zone}:instance/${instance.id}`],
    detail: { 'instance-id': instance.id, 'instance-action': 'terminate' },
  });
