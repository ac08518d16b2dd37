import { unreachable } from '../kernel/result.ts';
import type { OfferTerms } from '../planning/offer.ts';
import type { Requirements } from '../planning/requirements.ts';
import { type Cut, devicesOf } from '../planning/share.ts';
import type { StoredContainer } from '../run/stored-container.ts';
import type { BundledContainer, Unsealed } from './bundles.ts';

const GIB = 2 ** 30;

/** A container as its runner starts it: with its secrets, and with the GPUs of the instance that it is on. */
export function bundledContainer(
  container: StoredContainer,
  { resources }: Requirements,
  { offer, cut, sealed }: { readonly offer: OfferTerms; readonly cut: Cut; readonly sealed: Unsealed },
): BundledContainer {
  const [gpu] = offer.resources.gpus;
  return {
    ...container,
    registry_auth: registryAuth(container, sealed),
    shm_bytes: resources.shm_size === null ? null : Math.round(resources.shm_size * GIB),
    env: Object.fromEntries(container.env.map((name) => [name, sealed.container_env[name] ?? ''])),
    gpus:
      gpu === undefined
        ? null
        : { vendor: vendorOf(gpu.vendor), indices: cut.total === 1 ? null : devicesOf(offer, cut) },
  };
}

function registryAuth(container: StoredContainer, sealed: Unsealed): Unsealed['registry_auth'] {
  switch (container.registry_auth) {
    case null:
      return null;
    case 'sealed':
      if (sealed.registry_auth === null)
        throw new Error('the sealed credentials of a registry are not there');
      return sealed.registry_auth;
    default:
      return unreachable(container.registry_auth);
  }
}

export function vendorOf(vendor: string): 'nvidia' | 'amd' | 'other' {
  const name = vendor.toLowerCase();
  return name === 'nvidia' || name === 'amd' ? name : 'other';
}
