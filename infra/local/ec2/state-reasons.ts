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

export const interrupted: Ending = {
  stateReason: reason('Server.SpotInstanceTermination', 'Spot instance termination'),
  transitionReason: 'Server.SpotInstanceTermination',
};
