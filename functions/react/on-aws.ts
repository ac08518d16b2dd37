import type { Runtime } from '../../domain/kernel/runtime.ts';
import { callCounts } from '../../domain/metrics/call-counts.ts';
import { siteOf } from '../../infra/catalogue/load.ts';
import { s3Shelf } from '../../infra/catalogue/s3-shelf.ts';
import { catalogueSource } from '../../infra/catalogue/source.ts';
import { dynamoClient } from '../../infra/dynamodb/client.ts';
import { dynamoEventStore } from '../../infra/dynamodb/event-store.ts';
import { dynamoTally } from '../../infra/dynamodb/tally.ts';
import { ec2Cloud } from '../../infra/ec2/cloud.ts';
import { emf } from '../../infra/metrics/emf.ts';
import { userData } from '../../infra/runner/user-data.ts';
import { s3Bundles } from '../../infra/s3/bundles.ts';
import { s3CodeStore } from '../../infra/s3/code-store.ts';
import { ssmCommands } from '../../infra/ssm/commands.ts';
import { ssmSecrets } from '../../infra/ssm/secrets.ts';
import type { Environment } from './environment.ts';
import type { Reactive } from './ports.ts';
import type { Accounts } from './tell-calls.ts';

/** The reactions' ports on AWS, wherever the SDK finds it. */
export function onAws(
  env: Environment,
  runtime: Runtime,
  by: string,
  warn: (error: Error) => void,
): { on: Reactive; accounts: Accounts } {
  const region = env.SORTIE_REGION;
  const zones = Object.keys(env.SORTIE_SUBNETS);
  const dynamo = dynamoClient();
  const calls = callCounts();
  const on: Reactive = {
    store: dynamoEventStore(dynamo, env.SORTIE_TABLE),
    runtime,
    cloud: ec2Cloud(
      {
        deployment: env.SORTIE_DOCUMENT_PREFIX,
        region,
        images: env.SORTIE_IMAGES,
        subnets: Object.fromEntries(zones.map((zone) => [zone, (env.SORTIE_SUBNETS[zone] ?? '').split('+')])),
        securityGroup: env.SORTIE_SECURITY_GROUP,
        nodeProfile: env.SORTIE_NODE_PROFILE,
        userData: ({ instance, nonce }) =>
          userData({
            instance,
            nonce,
            apiUrl: env.SORTIE_API_URL,
            deadmanSeconds: env.SORTIE_DEADMAN_SECONDS,
          }),
        launchesPerSecond: env.SORTIE_LAUNCHES_PER_SECOND,
        callsPerSecond: env.SORTIE_CLOUD_CALLS_PER_SECOND,
      },
      runtime,
      {},
      calls.hear,
    ),
    commands: ssmCommands({ region, documentPrefix: env.SORTIE_DOCUMENT_PREFIX }, runtime, {}, calls.hear),
    bundles: s3Bundles({ region, bucket: env.SORTIE_BUCKET }),
    code: s3CodeStore({ region, bucket: env.SORTIE_BUCKET }, runtime.now),
    secrets: ssmSecrets({ region, path: env.SORTIE_SECRETS }),
    catalogue: catalogueSource(
      { region, site: siteOf(env) },
      s3Shelf({ region, bucket: env.SORTIE_BUCKET }),
      runtime,
      warn,
    ),
    settings: {
      apiUrl: env.SORTIE_API_URL,
      zones: zones.length > 0 ? zones : null,
      fleetInstances: env.SORTIE_FLEET_INSTANCES,
      concurrentLaunches: env.SORTIE_CONCURRENT_LAUNCHES,
      priceFactor: env.SORTIE_PRICE_FACTOR,
      deadmanSeconds: env.SORTIE_DEADMAN_SECONDS,
    },
    by,
  };
  const accounts = { calls, tally: dynamoTally(dynamo, env.SORTIE_TABLE), tell: emf(env.SORTIE_TABLE) };
  return { on, accounts };
}
