import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';

/** Properties of AWS::DynamoDB::Table that mean nothing on one machine. */
const DEPLOYED_ONLY = [
  'PointInTimeRecoverySpecification',
  'SSESpecification',
  'Tags',
  'DeletionProtectionEnabled',
  'TableClass',
  'ContributorInsightsSpecification',
  'OnDemandThroughput',
  'WarmThroughput',
];
const CREATED = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
];

export type TableProperties = { readonly [key: string]: unknown };

/** Creates what is not there yet, from the `Properties` of AWS::DynamoDB::Table. Throws where a table differs. */
export async function createTables(
  client: DynamoDBClient,
  tables: readonly TableProperties[],
): Promise<void> {
  for (const properties of tables) {
    const input = tableInput(properties);
    const found = await describe(client, String(input.TableName));
    if (found) assertSame(found, input);
    else await client.send(new CreateTableCommand(input));
  }
}

function tableInput(properties: TableProperties): CreateTableCommandInput {
  const { StreamSpecification: stream, ...rest } = properties;
  const unknown = Object.keys(rest).filter((key) => !CREATED.includes(key) && !DEPLOYED_ONLY.includes(key));
  if (unknown.length > 0) {
    throw new Error(
      `the local DynamoDB does not know ${unknown.join(', ')} of the table ${String(rest['TableName'])}`,
    );
  }
  const kept = Object.fromEntries(Object.entries(rest).filter(([key]) => CREATED.includes(key)));
  // CloudFormation has checked nothing here: DynamoDB's own validation answers for the shape.
  const input = kept as unknown as CreateTableCommandInput;
  return stream ? { ...input, StreamSpecification: { StreamEnabled: true, ...stream } } : input;
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | null> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table ?? null;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null;
    throw error;
  }
}

/** Keys and indexes are what the data's layout depends on; they cannot be changed under it. */
function assertSame(found: TableDescription, wanted: CreateTableCommandInput): void {
  const shape = (table: TableDescription | CreateTableCommandInput) =>
    JSON.stringify([
      table.KeySchema?.map(({ AttributeName, KeyType }) => [AttributeName, KeyType]),
      (table.GlobalSecondaryIndexes ?? [])
        .map(({ IndexName, KeySchema }) => [
          IndexName,
          KeySchema?.map((key) => [key.AttributeName, key.KeyType]),
        ])
        .sort(),
    ]);
  if (shape(found) === shape(wanted)) return;
  throw new Error(
    `the table ${wanted.TableName} on disk has other keys or indexes than serverless.yml: ` +
      `${shape(found)}, not ${shape(wanted)}. Start with another --data folder, or remove this one`,
  );
}
