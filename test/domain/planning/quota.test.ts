import { expect, it } from 'vitest';
import { quotaFamily } from '../../../domain/planning/quota.ts';

it.each([
  ['m5.large', 'standard'],
  ['is4gen.medium', 'standard'],
  ['t4g.nano', 'standard'],
  ['g5.xlarge', 'g-and-vt'],
  ['gr6f.4xlarge', 'g-and-vt'],
  ['vt1.3xlarge', 'g-and-vt'],
  ['p6-b200.48xlarge', 'p'],
  ['u-6tb1.112xlarge', 'high-memory'],
  ['u7i-12tb.224xlarge', 'high-memory'],
  ['x2gd.metal', 'x'],
  ['trn1n.32xlarge', 'trn'],
  ['inf2.xlarge', 'inf'],
  ['hpc7g.4xlarge', 'hpc'],
  ['f2.6xlarge', 'f'],
  ['dl1.24xlarge', 'dl'],
])('%s counts against the %s quota', (type, family) => {
  expect(quotaFamily(type)).toBe(family);
});
