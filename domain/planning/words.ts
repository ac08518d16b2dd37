import type { Reason } from './rejection.ts';

/** A reason as whoever wrote the configuration knows it: the field that they may change, where there is one. */
export const inWords: Readonly<Record<Reason, string>> = {
  not_launchable: 'that Sortie cannot launch',
  image: 'without an image of the deployment',
  instance_types: 'instance_types',
  instances: 'instances',
  regions: 'regions',
  availability_zones: 'availability_zones',
  bare_metal: 'bare metal that instance_types does not name',
  no_subnet: 'zone without a subnet',
  spot_policy: 'spot_policy',
  architecture: 'resources.cpu (architecture)',
  gpu: 'resources.gpu',
  cpu: 'resources.cpu',
  memory: 'resources.memory',
  placement: 'placement (of the fleet)',
  blocks: 'blocks (of the fleet)',
  disk: 'resources.disk',
  max_price: 'max_price',
  cpu_credits: 'cpu_credits',
  cluster_zone: 'zone other than its placement group’s',
  quota: 'over an EC2 quota',
  capacity: 'EC2 has no capacity',
};
