import type { Blocks } from '../configuration/normalized.ts';
import type { IdleOffer, Market } from './offer.ts';
import type { QuotaFamily } from './quota.ts';
import type { Requirements } from './requirements.ts';

/** What a plan has to know besides the catalogue and the request. Times in ms since 1970. */
export type PlanContext = {
  now: number;
  idle: readonly IdleOffer[];
  unavailable: readonly Unavailable[];
  quota: readonly QuotaHold[];
  /** Where this deployment has subnets; `null`: in every zone. */
  zones: readonly string[] | null;
  /** What the fleet lets in, whatever the request; `null`: anything. */
  terms: Terms | null;
  /** An idle instance that costs more than so many times what can be launched is no better than that; `null`: it is. */
  price_factor: number | null;
  /** An offer to launch that costs more than so many times the cheapest of its market is never taken; `null`: it is. */
  launch_factor: number | null;
  /** At most so many offers are spelled out, the best ones; all are counted. */
  limit: number;
};

/** A request that asks for nothing it does not name: there an architecture of `null` is any. */
export type Terms = Omit<Requirements, 'max_duration' | 'instances' | 'cpu_credits'> & {
  /** How it cuts its instances: a request is for blocks of them, these terms are of whole ones. */
  blocks: Blocks;
  /** All its instances are in one placement group. `zone`: where those are that it has; `null`: it has none. */
  cluster: { zone: string | null } | null;
  /** `firm`: its limits count in $, so EC2 may never charge more for an instance than was reserved for it. */
  spot_price: 'firm' | 'may rise';
};

/** EC2 refused this (`code`): not asked again before `until`. Without a type, a zone or a market it is all of them. */
export type Unavailable = {
  instance_type: string | null;
  zone: string | null;
  spot: Market | null;
  until: number;
  code: string;
};

/** EC2 refused `vcpus` more in this family (`code`): that many or more are not asked for before `until`; `null`: until
 * it is lifted. A smaller instance may still go under the quota. `VolumeLimitExceeded` holds `all`, from 0 vCPUs. */
export type QuotaHold = {
  family: QuotaFamily | 'all';
  spot: Market;
  vcpus: number;
  until: number | null;
  code: string;
};
