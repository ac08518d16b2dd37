import type { Boot } from '../wire/faults.ts';
import type { Reason } from './instance-record.ts';

/** Why an instance ended, as DescribeInstances shows it. */
export type Ending = { readonly stateReason: Reason; readonly transitionReason: string };

const reason = (code: string, text: string): Reason => ({ code, message: `${code}: ${text}` });

export const requested = (at: number): Ending => ({
  stateReason: reason('Client.UserInitiatedShutdown', 'User initiated shutdown'),
  transitionReason: `User initiated (${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} GMT)`,
});

export const shutdown: Ending = {
  stateReason: reason('Client.InstanceInitiatedShutdown', 'Instance initiated shutdown'),
  transitionReason: '',
};

export const crash: Ending = {
  stateReason: reason('Server.InternalError', 'Internal error'),
  transitionReason: 'Server.InternalError',
};

export const bootFailed: Ending = {
  stateReason: reason('Server.InternalError', 'Internal error on launch'),
  transitionReason: 'Server.InternalError',
};

/** What a launch ends with while it is pending. @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html */
export const pendingEndings: Readonly<Partial<Record<Boot, Ending>>> = {
  'internal-error': bootFailed,
  'no-capacity': {
    stateReason: reason(
      'Server.InsufficientInstanceCapacity',
      'There was insufficient capacity available to satisfy the launch request',
    ),
    transitionReason: 'Server.InsufficientInstanceCapacity',
  },
  // Seen with a KMS key that may not be used: https://github.com/aws/karpenter-provider-aws/issues/1407
  'key-refused': {
    stateReason: reason('Client.InternalError', 'Client error on launch'),
    transitionReason: 'Server.InternalError',
  },
  'volume-limit': {
    stateReason: reason('Client.VolumeLimitExceeded', 'Volume limit exceeded'),
    transitionReason: 'Client.VolumeLimitExceeded',
  },
  'spot-taken-back': {
    stateReason: reason('Server.SpotInstanceTermination', 'Spot instance termination'),
    transitionReason: 'Server.SpotInstanceTermination',
  },
};

export const interrupted: Ending = {
  stateReason: reason('Server.SpotInstanceTermination', 'Spot instance termination'),
  transitionReason: 'Server.SpotInstanceTermination',
};
