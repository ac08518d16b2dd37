/** What may go wrong at any call or delivery, and how often at the most: the chance each time. */
export const worst = {
  'process died before a call': 0.02,
  'process died after a call': 0.02,
  'store did not answer': 0.01,
  'reply to an append lost': 0.03,
  'doorbell lost': 0.4,
  'doorbell doubled': 0.2,
  'doorbell late': 0.3,
  'launch out of capacity': 0.3,
  'launch over quota': 0.15,
  'launch without a subnet': 0.1,
  'launch throttled': 0.3,
  'launch not answered': 0.2,
  'reply to a launch lost': 0.2,
  'terminate throttled': 0.3,
  'terminate not answered': 0.2,
  'reply to a terminate lost': 0.2,
  'terminate slow': 0.5,
  'listing not answered': 0.3,
  'machine missing from a listing': 0.2,
  'machine not found yet': 0.5,
  'machine never boots': 0.15,
  'machine boots late': 0.2,
  'ready report lost': 0.3,
  'send not answered': 0.25,
  'reply to a send lost': 0.3,
  'machine unreachable': 0.3,
  'command delivered twice': 0.2,
  'start came to nothing': 0.25,
  'stop came to nothing': 0.2,
  'setup failed': 0.15,
  'runner died': 0.15,
  'report lost': 0.4,
  'report doubled': 0.15,
  'report late': 0.3,
  'answer to a report lost': 0.3,
  'observation lost': 0.3,
  'observation doubled': 0.2,
  'observation late': 0.3,
  'call slow': 0.06,
} as const;

/** Refusals that no table knows, machines that EC2 takes back before they are up, and the store on a bad day. */
export const unkind = {
  'launch refused for an unknown reason': 0.08,
  'machine taken back': 0.15,
  'store conflicts': 0.05,
  'store throttles': 0.05,
} as const;

/** On the nodes, before a job's commands begin. */
export const onNodes = {
  'engine did not answer': 0.1,
  'container not started': 0.15,
  'container set-up failed': 0.15,
  'node is ill': 0.3,
} as const;

/** Between the launch of a machine and the first job on it. */
export const atBoot = {
  'agent before user data': 0.6,
  'user data before agent': 0.4,
  'user data never finishes': 0.12,
  'machine lacks something': 0.15,
} as const;

/** At EC2's placement groups. */
export const atGroups = {
  'group throttled': 0.2,
  'group call not answered': 0.2,
  'reply to a group call lost': 0.2,
} as const;

/** Too frequent to be told apart: in a shrunk history each of them is left out as a whole, or not at all. */
export const frequent = { 'index behind': 0.6 } as const;

export type Fault =
  | keyof typeof worst
  | keyof typeof unkind
  | keyof typeof onNodes
  | keyof typeof atGroups
  | keyof typeof atBoot
  | keyof typeof frequent;

export const faults = Object.keys({
  ...worst,
  ...unkind,
  ...onNodes,
  ...atGroups,
  ...atBoot,
  ...frequent,
}) as Fault[];
