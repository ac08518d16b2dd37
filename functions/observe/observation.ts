import * as z from 'zod';

// The envelopes that EventBridge delivers, as far as they are read. Everything about them is best effort.

const StateChange = z.object({
  'detail-type': z.literal('EC2 Instance State-change Notification'),
  detail: z.object({
    'instance-id': z.string(),
    state: z.enum(['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated']),
  }),
});

const SpotInterruption = z.object({
  'detail-type': z.literal('EC2 Spot Instance Interruption Warning'),
  detail: z.object({ 'instance-id': z.string() }),
});

const CommandStatus = z.object({
  'detail-type': z.literal('EC2 Command Invocation Status-change Notification'),
  detail: z.object({ 'instance-id': z.string(), 'command-id': z.string(), status: z.string() }),
});

export const Observation = z.discriminatedUnion('detail-type', [
  StateChange,
  SpotInterruption,
  CommandStatus,
]);
export type Observation = z.infer<typeof Observation>;
