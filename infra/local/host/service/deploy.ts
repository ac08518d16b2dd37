import * as z from 'zod';
import type { Authorizer, Deployment, FunctionDefinition } from './deployment.ts';
import { type Binding, bindEvents } from './events.ts';
import { resolveIntrinsics } from './intrinsics.ts';
import { parseAt } from './parse-at.ts';
import { isTree, joinPath, NotUnderstood, type Tree } from './paths.ts';
import { type Place, type ResourceTable, resourceTable } from './resource-table.ts';
import { authorizerSchema, functionSchema, providerSchema, stageSchema } from './schema.ts';
import { resolveVariables } from './variables.ts';
import { readYamlTree } from './yaml.ts';

export type Service = {
  file: string;
  name: string;
  stage: string;
  region: string;
  account: string;
  document: Tree;
};

/**
 * Reads serverless.yml and its variables. `params` are those of `--param`. Throws `NotUnderstood`, with the path
 * of whatever the host would otherwise have to guess at.
 */
export function readService(options: {
  file: string;
  stage: string;
  region: string;
  account: string;
  params?: Readonly<Record<string, string>>;
  environment?: Readonly<Record<string, string | undefined>>;
}): Service {
  const { params = {}, environment = {} } = options;
  const document = resolveVariables(readYamlTree(options.file), { ...options, params, environment });
  const name = document['service'];
  if (typeof name !== 'string') throw new NotUnderstood('service', 'a name was expected');
  const { file, stage, region, account } = options;
  return { file, name, stage, region, account, document };
}

/** Evaluates the intrinsic functions of `service`, as if it were deployed at the given addresses. Pure. */
export function deploy(service: Service, addresses: { apiUrl: string; sqsUrl: string }): Deployment {
  const stackName = `${service.name}-${service.stage}`;
  const functions = tree(service.document['functions'], 'functions');
  const deployedNames = Object.fromEntries(
    Object.entries(functions).map(([key, value]) => [
      key,
      (isTree(value) && value['name']) || `${stackName}-${key}`,
    ]),
  ) as Record<string, string>;
  const place: Place = {
    ...addresses,
    stackName,
    region: service.region,
    account: service.account,
    functions: Object.fromEntries(Object.entries(deployedNames).map(([key, name]) => [logicalId(key), name])),
  };
  const declared = tree(
    tree(service.document['resources'] ?? {}, 'resources')['Resources'] ?? {},
    'resources.Resources',
  );
  const resources = resourceTable(declared, place);
  const provider = readProvider(service.document['provider'], resources);
  const authorizers: Record<string, Authorizer> = {};
  for (const [name, value] of Object.entries(provider.httpApi.authorizers)) {
    const path = `provider.httpApi.authorizers.${name}`;
    authorizers[name] = authorizer(name, value, path, deployedNames);
  }
  const bindings: Binding = { routes: [], mappings: [], schedules: [], rules: [] };
  const definitions = Object.entries(functions).map(([key, value]) => {
    const path = joinPath('functions', key);
    const settings = parseAt(functionSchema, resolveIntrinsics(value, path, resources), path);
    bindEvents({ key, deployedName: deployedNames[key] ?? key, path, settings, authorizers, into: bindings });
    return definition(key, settings, provider, place, deployedNames[key] ?? key);
  });
  return {
    stackName,
    region: service.region,
    account: service.account,
    functions: definitions,
    throttles: readThrottles(service.document['resources']),
    authorizers,
    ...bindings,
    ...owned(resources),
  };
}

/** The stage is osls's own resource: serverless.yml only adds to it. */
function readThrottles(value: unknown): Deployment['throttles'] {
  const { extensions } = parseAt(stageSchema, value ?? {}, 'resources');
  const settings = extensions?.HttpApiStage?.Properties.RouteSettings ?? {};
  return Object.fromEntries(
    Object.entries(settings).map(([key, { ThrottlingBurstLimit, ThrottlingRateLimit }]) => [
      key,
      { burst: ThrottlingBurstLimit, perSecond: ThrottlingRateLimit },
    ]),
  );
}

/** As osls names the function's resource: `send-mail` → `SendDashmailLambdaFunction`. */
function logicalId(key: string): string {
  const normal = key.charAt(0).toUpperCase() + key.slice(1);
  return `${normal.replaceAll('-', 'Dash').replaceAll('_', 'Underscore')}LambdaFunction`;
}

function readProvider(value: unknown, resources: ResourceTable): z.infer<typeof providerSchema> {
  const given = tree(value, 'provider');
  const wanted = Object.fromEntries(
    Object.keys(providerSchema.shape)
      .filter((key) => key in given)
      .map((key) => [key, resolveIntrinsics(given[key], joinPath('provider', key), resources)]),
  );
  return parseAt(providerSchema, wanted, 'provider');
}

function authorizer(
  key: string,
  value: z.infer<typeof authorizerSchema>,
  path: string,
  functions: Readonly<Record<string, string>>,
): Authorizer {
  if (!(value.functionName in functions)) {
    throw new NotUnderstood(`${path}.functionName`, `there is no function ${value.functionName}`);
  }
  const sources = [value.identitySource ?? []].flat();
  for (const source of sources) {
    if (!/^\$request\.(header|querystring)\.[\w-]+$|^\$context\.routeKey$/.test(source)) {
      throw new NotUnderstood(`${path}.identitySource`, `the host does not read ${source}`);
    }
  }
  const name = value.name ?? key;
  return {
    name,
    function: value.functionName,
    identitySources: sources,
    ttlSeconds: value.resultTtlInSeconds,
  };
}

function definition(
  key: string,
  settings: z.infer<typeof functionSchema>,
  provider: z.infer<typeof providerSchema>,
  place: Place,
  deployedName: string,
): FunctionDefinition {
  const dot = settings.handler.lastIndexOf('.');
  const environment = { ...provider.environment, ...settings.environment };
  return {
    name: key,
    deployedName,
    arn: `arn:aws:lambda:${place.region}:${place.account}:function:${deployedName}`,
    module: settings.handler.slice(0, dot),
    exported: settings.handler.slice(dot + 1),
    timeoutSeconds: settings.timeout ?? provider.timeout,
    memoryMb: settings.memorySize ?? provider.memorySize,
    environment: Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, String(value)]),
    ),
    reservedConcurrency: settings.reservedConcurrency ?? null,
    asynchronous: {
      retries: settings.maximumRetryAttempts,
      maximumAgeSeconds: settings.maximumEventAge,
      onFailureArn: settings.destinations?.onFailure ?? null,
      deadLetterArn: settings.onError ?? null,
    },
  };
}

function owned(resources: ResourceTable) {
  const names = (type: string, property: string) =>
    resources.ofType(type).map(({ properties }) => String(properties[property]));
  return {
    tables: resources.ofType('AWS::DynamoDB::Table').map(({ properties }) => properties),
    queues: names('AWS::SQS::Queue', 'QueueName'),
    buses: ['default', ...names('AWS::Events::EventBus', 'Name')],
    buckets: names('AWS::S3::Bucket', 'BucketName'),
    logGroups: resources.ofType('AWS::Logs::LogGroup').map(({ properties }) => ({
      name: String(properties['LogGroupName']),
      retentionDays: typeof properties['RetentionInDays'] === 'number' ? properties['RetentionInDays'] : null,
    })),
    documents: resources.ofType('AWS::SSM::Document').map(({ properties }) => ({
      name: String(properties['Name']),
      content: properties['Content'],
      type: textOr(properties['DocumentType'], 'Command'),
      format: textOr(properties['DocumentFormat'], 'JSON'),
    })),
  };
}

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

function tree(value: unknown, path: string): Tree {
  if (!isTree(value)) throw new NotUnderstood(path, 'a mapping was expected');
  return value;
}
