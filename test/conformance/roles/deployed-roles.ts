import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { resolveIntrinsics } from '../../../infra/local/host/service/intrinsics.ts';
import { resourceTable } from '../../../infra/local/host/service/resource-table.ts';

/** Where the recorded requests were made, so that names and ARNs are the same on both sides. */
export const place = { stage: 'local', region: 'us-east-1', account: '000000000000' } as const;

const Statement = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
});
const Policy = z.object({
  PolicyName: z.string(),
  PolicyDocument: z.object({ Version: z.literal('2012-10-17'), Statement: z.array(Statement) }),
});
const Role = z.object({ Policies: z.array(Policy) });
const Function = z.object({
  FunctionName: z.string(),
  Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  DeadLetterConfig: z.object({ TargetArn: z.unknown() }).optional(),
});
const Mapping = z.object({
  EventSourceArn: z.unknown(),
  FunctionName: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.unknown() }) }).optional(),
});
const Template = z.object({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.unknown() })),
});

export interface Deployed {
  /** Logical ids of roles, with their policies; no intrinsic function is left in them. */
  readonly roles: ReadonlyMap<string, readonly z.infer<typeof Policy>[]>;
  /** Names of functions, with what Lambda itself does in their roles. */
  readonly functions: ReadonlyMap<string, DeployedFunction>;
  arnOf(id: string, attribute?: string): string;
  ref(id: string): string;
}

export interface DeployedFunction {
  readonly role: string;
  readonly streams: readonly string[];
  /** Queues to which Lambda sends, in the function's role, what it gives up on. */
  readonly deadLetters: readonly string[];
}

/** Reads the roles out of a template of CloudFormation, deployed at `place`. */
export function deployedRoles(file: string): Deployed {
  const { Resources } = Template.parse(JSON.parse(readFileSync(file, 'utf8')));
  const table = resourceTable(Resources, {
    region: place.region,
    account: place.account,
    stackName: `sortie-${place.stage}`,
    apiUrl: 'http://127.0.0.1',
    sqsUrl: 'http://127.0.0.1',
    functions: {},
  });
  const resolved = (value: unknown) => resolveIntrinsics(value, 'the template', table);
  const text = (value: unknown) => z.string().parse(resolved(value));
  const ofType = <T>(type: string, schema: z.ZodType<T>): [string, T][] =>
    Object.entries(Resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, { Properties }]) => [id, schema.parse(Properties)]);

  const mappings = ofType('AWS::Lambda::EventSourceMapping', Mapping);
  const functions = ofType('AWS::Lambda::Function', Function).map(
    ([id, { FunctionName, Role: role, DeadLetterConfig }]): [string, DeployedFunction] => {
      const own = mappings.filter(([, mapping]) => mapping.FunctionName['Fn::GetAtt'][0] === id);
      const queues = [
        DeadLetterConfig?.TargetArn,
        ...own.map(([, mapping]) => mapping.DestinationConfig?.OnFailure.Destination),
      ];
      return [
        FunctionName,
        {
          role: role['Fn::GetAtt'][0],
          streams: own.map(([, { EventSourceArn }]) => text(EventSourceArn)),
          deadLetters: queues.filter((queue) => queue !== undefined).map(text),
        },
      ];
    },
  );
  return {
    roles: new Map(
      ofType('AWS::IAM::Role', z.unknown()).map(([id, properties]) => [
        id,
        Role.parse(resolved(properties)).Policies,
      ]),
    ),
    functions: new Map(functions),
    arnOf: (id, attribute = 'Arn') => text({ 'Fn::GetAtt': [id, attribute] }),
    ref: (id) => text({ Ref: id }),
  };
}
