/** The groups by which EC2 counts running vCPUs against a quota, each once for on-demand and once for spot. */
export type QuotaFamily =
  | 'standard'
  | 'g-and-vt'
  | 'p'
  | 'f'
  | 'x'
  | 'dl'
  | 'inf'
  | 'trn'
  | 'hpc'
  | 'high-memory';

/** By the letters a type's name begins with. */
const families: Readonly<Record<string, QuotaFamily>> = {
  g: 'g-and-vt',
  gr: 'g-and-vt',
  vt: 'g-and-vt',
  p: 'p',
  f: 'f',
  x: 'x',
  dl: 'dl',
  inf: 'inf',
  trn: 'trn',
  hpc: 'hpc',
  u: 'high-memory',
};

/** The quota an instance type falls under; A, C, D, H, I, M, R, T and Z share `standard`.
 * Source: EC2 user guide, "Amazon EC2 instance type quotas". */
export function quotaFamily(instanceType: string): QuotaFamily {
  const letters = /^[a-z]+/.exec(instanceType)?.[0] ?? '';
  return families[letters] ?? 'standard';
}
