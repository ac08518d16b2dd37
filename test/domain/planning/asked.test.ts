import { expect, test } from 'vitest';
import { asked } from '../../../domain/planning/asked.ts';
import { requirements } from '../given.ts';

test('what is asked for is said as a configuration would write it, and nothing that is not asked for', () => {
  expect(asked(requirements())).toBe('cpu 2.., memory 8GB.., disk 100GB.., on-demand');
  const fields = {
    resources: { cpu: 'arm:4..8', memory: '16GB', gpu: 'A100:80GB:2', disk: '200GB..' },
    spot_policy: 'auto',
    max_price: 2.5,
    instance_types: ['p4d.24xlarge'],
    availability_zones: ['us-east-1a', 'us-east-1b'],
  };
  expect(asked(requirements(fields))).toMatch(
    /^cpu arm:4\.\.8, memory 16GB, gpu .*A100.*, disk 200GB\.\., spot or on-demand, at most \$2\.50\/h, p4d\.24xlarge, us-east-1a or us-east-1b$/,
  );
});
