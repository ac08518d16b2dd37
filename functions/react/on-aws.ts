import { loadCatalogue } from '../../infra/catalogue/load.ts';
import { dynamoClient } from '../../infra/dynamodb/client.ts';
import { dynamoEventStore } from '../../infra/dynamodb/event-store.ts';
import { ec2Cloud } from '../../infra/ec2/cloud.ts';
import { userData } from '../../infra/runner/user-data.ts';
import { systemRuntime } from '../../infra/runtime.ts';
import { s3Bundles } from '../../infra/s3/bundles.ts';
import { ssmCommands } from '../../infra/ssm/commands.ts';
import type { Environment } from './environment.ts';
import type { Reactive } from './ports.ts';

/** The reactions' ports on AWS, wherever the SDK finds it. */
export function onAws(env: Environment, by: string): Reactive {
  const zones = Object.keys(env.SORTIE_SUBNETS);
  return {
    store: dynamoEventStore(dynamoClient(), env.SORTIE_TABLE),
    runtime: systemRuntime(),
    cloud: ec2Cloud({
      deployment: env.SORTIE_DOCUMENT_PREFIX,
      images: env.SORTIE_IMAGES,
      subnets: env.SORTIE_SUBNETS,
      securityGroup: env.SORTIE_SECURITY_GROUP,
      nodeProfile: env.SORTIE_NODE_PROFILE,
      region: env.SORTIE_REGION,
      userData: ({ instance, nonce }) =>
        userData({
          instance,
          nonce,
          apiUrl: env.SORTIE_API_URL,
          deadmanSeconds: env.SORTIE_DEADMAN_SECONDS,
        }),
    }),
    commands: ssmCommands({ documentPrefix: env.SORTIE_DOCUMENT_PREFIX }),
    bundles: s3Bundles({ bucket: env.SORTIE_BUCKET }),
    catalogue: loadCatalogue(env.SORTIE_REGION),
    settings: {
      apiUrl: env.SORTIE_API_URL,
      zones: zones.length > 0 ? zones : null,
      fleetInstances: env.SORTIE_FLEET_INSTANCES,
    },
    by,
  };
}
