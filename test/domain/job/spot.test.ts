import { describe, expect, test } from 'vitest';
import { assign, refused } from '../../../domain/job/decide.ts';
import { SPOT_TRIES } from '../../../domain/job/spot.ts';
import { HOUR } from '../../../domain/kernel/instant.ts';
import type { OfferTerms } from '../../../domain/planning/offer.ts';
import { bundle, INSTANCE, offer, requirements, types } from '../given.ts';
import { every, policy, type Story, story } from './story.ts';

const spot = offer({ spot: 'spot', price: 0.04 });

describe('spot_policy auto', () => {
  const auto = { requirements: requirements({ spot_policy: 'auto' }), ...policy(every) };
  const asks = (it: Story) => it.job().requirements.spot_policy;
  const interrupted = (it: Story, terms = spot) => {
    it.begin(terms);
    it.wait(HOUR);
    it.vanishes();
    it.backOff();
  };

  test('asks for on-demand after two interruptions of spot in a row', () => {
    const it = story(auto);
    interrupted(it);
    expect(asks(it)).toBe('auto');
    interrupted(it);
    expect(it.told().slice(-4)).toEqual(['SubmissionEnded', 'SpotGivenUp', 'RetryScheduled', 'JobRequeued']);
    expect(asks(it)).toBe('on-demand');
    interrupted(it);
    expect(it.told().filter((type) => type === 'SpotGivenUp')).toHaveLength(1);
  });

  test('another failure between the two, or an instance that was on demand, does not count', () => {
    const it = story(auto);
    interrupted(it);
    it.begin(spot);
    it.exits(1);
    it.backOff();
    interrupted(it);
    interrupted(it, offer());
    expect(asks(it)).toBe('auto');
  });

  test('counts interruptions before the start', () => {
    const it = story({ ...auto, retry: null });
    for (let n = 0; n < 2; n++) {
      it.on(assign(it.job(), INSTANCE, spot, bundle));
      it.vanishes();
    }
    expect(it.job()).toMatchObject({ submission: 2, phase: { kind: 'waiting' }, spot: 'given_up' });
    expect(asks(it)).toBe('on-demand');
  });

  const refuse = (it: Story, terms: OfferTerms) => {
    const refusal = { class: 'capacity' as const, code: 'InsufficientInstanceCapacity', message: 'none' };
    it.on(assign(it.job(), INSTANCE, terms, bundle));
    return it.on(refused(it.job(), INSTANCE, terms, refusal, it.now()));
  };

  test(`asks for on-demand after ${SPOT_TRIES} refusals of spot`, () => {
    const it = story(auto);
    refuse(it, offer());
    for (let n = 1; n < SPOT_TRIES; n++) expect(types(refuse(it, spot))).toEqual(['OfferRefused']);
    expect(types(refuse(it, spot))).toEqual(['OfferRefused', 'SpotGivenUp']);
    expect(asks(it)).toBe('on-demand');
  });

  test.each(['no_capacity', 'never_fits'] as const)(
    'takes spot again where on-demand has nothing: %s',
    (why) => {
      const it = story(auto);
      interrupted(it);
      interrupted(it);
      expect(types(it.finds(why))).toEqual(['SpotReconsidered']);
      expect(asks(it)).toBe('auto');
      expect(types(it.finds(why))).toEqual([why === 'no_capacity' ? 'RetryScheduled' : 'JobEnded']);
    },
  );

  test.each([
    { requirements: requirements({ spot_policy: 'spot' }) },
    { requirements: requirements({ spot_policy: 'auto' }), creation_policy: 'reuse' as const },
  ])('is not what was asked, or nothing is launched: spot stays', (fields) => {
    const it = story({ ...auto, ...fields });
    interrupted(it);
    interrupted(it);
    expect(it.told()).not.toContain('SpotGivenUp');
  });
});
