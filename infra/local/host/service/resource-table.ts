import { createHash } from 'node:crypto';
import { resolveIntrinsics } from './intrinsics.ts';
import { isTree, joinPath, NotUnderstood, type Tree } from './paths.ts';

/** Where the local stack lives: what CloudFormation's pseudo parameters and generated addresses come to. */
export type Place = {
  region: string;
  account: string;
  stackName: string;
  /** The public address of the HTTP API, without a slash at its end. */
  apiUrl: string;
  /** Where the local SQS listens; a queue's URL is `<sqsUrl>/<account>/<name>`, as on AWS. */
  sqsUrl: string;
  /** Logical id of each function (as osls names it) → its deployed name. */
  functions: Readonly<Record<string, string>>;
};

export type Resource = { id: string; type: string; path: string; properties: Tree };

export type ResourceTable = {
  ref(id: string, path: string): unknown;
  attribute(id: string, name: string, path: string): unknown;
  /** Every declared resource of a type, its properties evaluated. */
  ofType(type: string): Resource[];
};

/** What `Ref` and `Fn::GetAtt` of a type give. `name` is the physical name; `arn` builds an ARN from service and resource. */
type Kind = {
  nameProperty?: string;
  ref?: (of: Named) => string;
  attributes?: Readonly<Record<string, (of: Named) => unknown>>;
};
type Named = {
  name: string;
  place: Place;
  properties: Tree;
  arn: (service: string, resource: string) => string;
};

const generatedId = (prefix: string): Kind => ({
  ref: ({ name }) => `${prefix}-${createHash('sha256').update(name).digest('hex').slice(0, 17)}`,
});
const securityGroup = generatedId('sg');

const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::DynamoDB::Table': {
    nameProperty: 'TableName',
    attributes: {
      Arn: ({ name, arn }) => arn('dynamodb', `table/${name}`),
      StreamArn: ({ name, arn }) => arn('dynamodb', `table/${name}/stream/local`),
    },
  },
  'AWS::Events::EventBus': {
    nameProperty: 'Name',
    attributes: { Name: ({ name }) => name, Arn: ({ name, arn }) => arn('events', `event-bus/${name}`) },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    ref: ({ name, place }) => `${place.sqsUrl}/${place.account}/${name}`,
    attributes: {
      Arn: ({ name, arn }) => arn('sqs', name),
      QueueName: ({ name }) => name,
      QueueUrl: ({ name, place }) => `${place.sqsUrl}/${place.account}/${name}`,
    },
  },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    attributes: {
      Arn: ({ name }) => `arn:aws:s3:::${name}`,
      DomainName: ({ name }) => `${name}.s3.amazonaws.com`,
    },
  },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    attributes: { Arn: ({ name, arn }) => `${arn('logs', `log-group:${name}`)}:*` },
  },
  'AWS::SSM::Document': { nameProperty: 'Name' },
  'AWS::SSM::Parameter': {
    nameProperty: 'Name',
    attributes: {
      Type: ({ properties }) => properties['Type'],
      Value: ({ properties }) => properties['Value'],
    },
  },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    attributes: { Arn: ({ name, place }) => `arn:aws:iam::${place.account}:role/${name}` },
  },
  'AWS::IAM::InstanceProfile': {
    nameProperty: 'InstanceProfileName',
    attributes: { Arn: ({ name, place }) => `arn:aws:iam::${place.account}:instance-profile/${name}` },
  },
  'AWS::IAM::ManagedPolicy': {
    nameProperty: 'ManagedPolicyName',
    ref: ({ name, place }) => `arn:aws:iam::${place.account}:policy/${name}`,
  },
  'AWS::EC2::SecurityGroup': { ...securityGroup, attributes: { GroupId: securityGroup.ref ?? (() => '') } },
  'AWS::EC2::VPC': generatedId('vpc'),
  'AWS::EC2::Subnet': generatedId('subnet'),
};

export function resourceTable(declared: Tree, place: Place): ResourceTable {
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${place.region}:${place.account}:${resource}`;
  const pseudo: Readonly<Record<string, string | undefined>> = {
    'AWS::Region': place.region,
    'AWS::AccountId': place.account,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': place.stackName,
    'AWS::StackId': arn('cloudformation', `stack/${place.stackName}/local`),
    'AWS::NoValue': undefined,
  };

  function named(id: string, path: string): Named & { kind: Kind; type: string } {
    const resource = declared[id];
    const type = isTree(resource) ? resource['Type'] : undefined;
    if (!isTree(resource) || typeof type !== 'string') {
      throw new NotUnderstood(path, `there is no resource ${id} in resources.Resources`);
    }
    const kind = KINDS[type];
    if (!kind) throw new NotUnderstood(path, `the host cannot refer to a ${type} (${id})`);
    const at = joinPath(`resources.Resources.${id}`, 'Properties');
    const properties = isTree(resource['Properties']) ? resource['Properties'] : {};
    const given = kind.nameProperty ? resolveIntrinsics(properties[kind.nameProperty], at, table) : undefined;
    const name = typeof given === 'string' ? given : `${place.stackName}-${id}`;
    return { name, place, properties, arn, kind, type };
  }

  const table: ResourceTable = {
    ref(id, path) {
      if (id in pseudo) return pseudo[id];
      if (id === 'HttpApi') return 'local';
      if (id in place.functions) return place.functions[id];
      const resource = named(id, path);
      return resource.kind.ref ? resource.kind.ref(resource) : resource.name;
    },
    attribute(id, name, path) {
      if (id === 'HttpApi' && name === 'ApiEndpoint') return place.apiUrl;
      if (id in place.functions && name === 'Arn') return arn('lambda', `function:${place.functions[id]}`);
      const resource = named(id, path);
      const attribute = resource.kind.attributes?.[name];
      if (!attribute)
        throw new NotUnderstood(path, `the host knows no attribute ${name} of a ${resource.type}`);
      return attribute(resource);
    },
    ofType(type) {
      return Object.entries(declared).flatMap(([id, resource]) => {
        if (!isTree(resource) || resource['Type'] !== type) return [];
        const path = `resources.Resources.${id}`;
        if (resource['Condition'] !== undefined) {
          throw new NotUnderstood(path, 'the host reads no Condition on a resource that it creates');
        }
        const properties = resolveIntrinsics(resource['Properties'] ?? {}, `${path}.Properties`, table);
        const nameProperty = KINDS[type]?.nameProperty;
        const own = nameProperty ? { [nameProperty]: named(id, path).name } : {};
        return [{ id, type, path, properties: { ...(properties as Tree), ...own } }];
      });
    },
  };
  return table;
}
