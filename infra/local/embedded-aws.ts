import { join } from 'node:path';
import { shippedCatalogue } from '../catalogue/load.ts';
import { newestKey } from '../catalogue/s3-shelf.ts';
import { awsJson } from './aws-json/serve.ts';
import { awsCredentials, keptPort } from './data-folder.ts';
import { type LocalDatabase, openLocalDatabase } from './database.ts';
import { type LocalDynamoDb, startDynamoDb } from './dynamodb/start.ts';
import { createWrites, type Writes } from './dynamodb/writes.ts';
import { type AccountRegion, accountRegion, typeFacts } from './ec2/account-region.ts';
import { type Ec2, startEc2 } from './ec2/start-ec2.ts';
import type { Inherited } from './environment.ts';
import { type Buses, createBuses } from './eventbridge/buses.ts';
import { eventBridgeService } from './eventbridge/service.ts';
import type { Deployment } from './host/service/deployment.ts';
import { bringNode } from './instance/node-for-instances.ts';
import { listen } from './listen.ts';
import { openLogStore } from './logs/log-store.ts';
import { logsService } from './logs/service.ts';
import { pricingService } from './pricing/service.ts';
import { openObjectStore } from './s3/object-store.ts';
import { s3Service } from './s3/service.ts';
import { openQueues, type Queues } from './sqs/queues.ts';
import { sqsService } from './sqs/service.ts';
import { startSsm } from './ssm/start-ssm.ts';
import type { Emit } from './wire/aws-event.ts';
import type { FaultSwitches } from './wire/faults.ts';
import type { Credentials } from './wire/signature.ts';

export interface EmbeddedAws {
  /** By AWS service id: the functions' `AWS_ENDPOINT_URL_*`. */
  readonly endpoints: Readonly<Record<string, string>> & {
    DYNAMODB: string;
    SQS: string;
  };
  /** By which every request to it is signed. */
  readonly credentials: Credentials;
  readonly database: LocalDatabase;
  readonly dynamodb: LocalDynamoDb;
  /** `null`: nobody knows. */
  readonly writes: Writes | null;
  readonly ec2: Ec2;
  readonly account: AccountRegion;
  readonly queues: Queues;
  readonly buses: Buses;
  readonly faults: FaultSwitches;
  /** Whether a catalogue of the region is in the bucket. */
  hasCatalogue(): Promise<boolean>;
  /** Stops answering. Instances live on, as they would on AWS. */
  close(): Promise<void>;
}

/** Every AWS service that Sortie uses, on loopback, with what `deployment` declares in them. */
export async function startEmbeddedAws(options: {
  dataDir: string;
  deployment: Deployment;
  dynamodbEndpoint: string | undefined;
  inherited: Inherited;
  faults: FaultSwitches;
  /** Folders that jobs do not see, beside `dataDir`. */
  hides: readonly string[];
  /** The functions' clock: log events are refused that are two hours ahead of CloudWatch's. */
  now: () => number;
  /** Reads of output a second; without: any number. */
  logReads?: number;
}): Promise<EmbeddedAws> {
  const { dataDir, deployment, inherited, faults, now } = options;
  const { region, account } = deployment;
  const credentials = awsCredentials(dataDir);
  const writes = createWrites();
  const dynamodb = await startDynamoDb({
    dataDir,
    endpoint: options.dynamodbEndpoint,
    region,
    credentials,
    tables: deployment.tables,
    faults,
    onWritten: writes.happened,
  });
  const database = openLocalDatabase(dataDir);
  const queues = openQueues(database, deployment.queues);
  const buses = createBuses({ names: deployment.buses, region, account });
  const logs = openLogStore(database, now);
  for (const { name, retentionDays } of deployment.logGroups) logs.addGroup(name, retentionDays);
  const objects = await openObjectStore(join(dataDir, 's3'), deployment.buckets);
  await bringNode(objects, deployment.buckets);

  const emit: Emit = ({ source, detail, resources, ...event }) => {
    buses.emit({ source, detailType: event['detail-type'], detail, resources: [...resources] });
  };
  const common = { data: dataDir, credentials, region, account, faults, emit };
  const shipped = shippedCatalogue(region);
  if (shipped === null)
    throw new Error(`no catalogue of ${region} is shipped, which the embedded EC2 offers`);
  const ours = accountRegion(shipped, database, faults);
  const ec2 = await startEc2({
    ...{ ...common, inherited, describes: ours, catalogue: typeFacts(ours) },
    hides: options.hides,
    zones: ours.zones.map(({ name }) => name),
  });
  const ssm = await startSsm({ ...common, documents: deployment.documents, stateOf: ec2.stateOf });
  const json = await listen(
    awsJson(
      [
        logsService(logs, {
          ...{ region, account, now },
          ...(options.logReads !== undefined && { readsPerSecond: options.logReads }),
        }),
        eventBridgeService(buses),
        sqsService(queues),
        pricingService(ours, faults),
      ],
      credentials,
    ),
    0,
  );
  const s3Port = await keptPort(dataDir, 's3');
  const s3 = await listen(s3Service(objects, credentials), s3Port.port);
  s3Port.keep(Number(new URL(s3.url).port));
  return {
    endpoints: {
      DYNAMODB: dynamodb.endpoint,
      EC2: ec2.endpoint,
      SSM: ssm.endpoint,
      S3: s3.url,
      CLOUDWATCH_LOGS: json.url,
      EVENTBRIDGE: json.url,
      SQS: json.url,
      PRICING: json.url,
    },
    credentials,
    database,
    dynamodb,
    // A user's own engine says nothing of its writes.
    writes: options.dynamodbEndpoint ? null : writes,
    ec2,
    account: ours,
    queues,
    buses,
    faults,
    async hasCatalogue() {
      const [bucket = ''] = deployment.buckets;
      return (await objects.get(bucket, newestKey(region))) !== null;
    },
    async close() {
      await Promise.all([ec2.close(), ssm.close(), json.close(), s3.close()]);
      await dynamodb.close();
      database.close();
    },
  };
}
