import * as z from 'zod';

/** The shapes of the calls, with the limits of SSM's API reference. Fields that are accepted and ignored are listed. */
const instanceId = z
  .string()
  .regex(
    /^m?i-([0-9a-f]{8}|[0-9a-f]{17})$/,
    'Member must satisfy regular expression pattern: (^i-(\\w{8}|\\w{17})$)|(^mi-\\w{17}$)',
  );
const commandId = z.string().length(36, 'Member must have length equal to 36');
const nextToken = z.string().optional();
const upTo = (limit: number) =>
  z.number().int().min(1).max(limit, `Member must have value less than or equal to ${limit}`);

export const sendCommandSchema = z.strictObject({
  DocumentName: z.string().min(1),
  DocumentVersion: z
    .string()
    .regex(
      /^(\$LATEST|\$DEFAULT|[1-9][0-9]*)$/,
      'Member must satisfy regular expression pattern: ([$]LATEST|[$]DEFAULT|^[1-9][0-9]*$)',
    )
    .default('$DEFAULT'),
  InstanceIds: z
    .array(instanceId)
    .min(1, 'Member must have length greater than or equal to 1: the embedded SSM knows no Targets')
    .max(50, 'Member must have length less than or equal to 50'),
  Parameters: z.record(z.string(), z.array(z.string())).default({}),
  TimeoutSeconds: z
    .number()
    .int()
    .min(30, 'Member must have value greater than or equal to 30')
    .max(2_592_000, 'Member must have value less than or equal to 2592000')
    .default(3600),
  Comment: z.string().max(100, 'Member must have length less than or equal to 100').default(''),
  CloudWatchOutputConfig: z
    .strictObject({
      CloudWatchLogGroupName: z.string().optional(),
      CloudWatchOutputEnabled: z.boolean().optional(),
    })
    .optional(),
  MaxConcurrency: z.string().optional(),
  MaxErrors: z.string().optional(),
  OutputS3BucketName: z.string().optional(),
  OutputS3KeyPrefix: z.string().optional(),
  OutputS3Region: z.string().optional(),
});
export type SendCommandCall = z.infer<typeof sendCommandSchema>;

export const getCommandInvocationSchema = z.strictObject({
  CommandId: commandId,
  InstanceId: instanceId,
  PluginName: z.string().optional(),
});

export const listCommandInvocationsSchema = z.strictObject({
  CommandId: commandId.optional(),
  InstanceId: instanceId.optional(),
  Details: z.boolean().default(false),
  Filters: z
    .array(
      z.strictObject({
        key: z.enum(['InvokedAfter', 'InvokedBefore', 'Status', 'DocumentName']),
        value: z.string().min(1),
      }),
    )
    .max(5)
    .default([]),
  MaxResults: upTo(50).default(50),
  NextToken: nextToken,
});

export const cancelCommandSchema = z.strictObject({
  CommandId: commandId,
  InstanceIds: z.array(instanceId).max(50).default([]),
});

export const describeInstanceInformationSchema = z.strictObject({
  Filters: z.array(z.strictObject({ Key: z.string(), Values: z.array(z.string()).min(1) })).default([]),
  InstanceInformationFilterList: z
    .array(z.strictObject({ key: z.string(), valueSet: z.array(z.string()).min(1) }))
    .default([]),
  MaxResults: upTo(50).min(5, 'Member must have value greater than or equal to 5').default(50),
  NextToken: nextToken,
});
