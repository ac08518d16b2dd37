import type { Catalogue } from '../../../../infra/local/ec2/instance-record.ts';

const types: Readonly<Record<string, ReturnType<Catalogue>>> = {
  'm5.large': { vcpus: 2, memoryMiB: 8192, zones: ['us-east-1a', 'us-east-1b'] },
  'm5.4xlarge': { vcpus: 16, memoryMiB: 65536, zones: ['us-east-1a', 'us-east-1b'] },
  'g4dn.xlarge': { vcpus: 4, memoryMiB: 16384, zones: ['us-east-1b'] },
  't4g.small': {
    vcpus: 2,
    memoryMiB: 2048,
    zones: ['us-east-1a'],
    architecture: 'arm64',
    strategies: ['partition', 'spread'],
  },
};

export const catalogue: Catalogue = (type) => (Object.hasOwn(types, type) ? types[type] : undefined);
