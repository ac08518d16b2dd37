import type { LaunchIntent } from '../../../domain/instance/cloud.ts';
import { FleetName, InstanceId } from '../../../domain/kernel/ids.ts';
import { OfferTerms } from '../../../domain/planning/offer.ts';
import { ulid } from '../dynamodb/given-streams.ts';

const offer = OfferTerms.parse({
  instance_type: 'm5.large',
  region: 'us-east-1',
  zone: 'us-east-1a',
  spot: 'on-demand',
  price: 0.096,
  resources: { cpus: 2, memory_mib: 8192, gpus: [], disk_gib: 100, arch: 'x86_64' },
});

export const intent = (n: number, changes: Partial<OfferTerms> = {}): LaunchIntent => ({
  instance: InstanceId.parse(`i${ulid(n)}`),
  fleet: FleetName.parse('default'),
  offer: { ...offer, ...changes },
  nonce: `nonce-${n}`,
  tags: { team: 'research' },
  group: null,
});
