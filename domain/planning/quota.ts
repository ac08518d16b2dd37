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

const families: readonly (readonly [RegExp, QuotaFamily])[] = [
  [/^(g|gr|vt)\d/, 'g-and-vt'],
  [/^p\d/, 'p'],
  [/^f\d/, 'f'],
  [/^x\d/, 'x'],
  [/^dl\d/, 'dl'],
  [/^inf\d/, 'inf'],
  [/^trn\d/, 'trn'],
  [/^hpc\d/, 'hpc'],
  [/^u(-|\d)/, 'high-memory'],
];

/** The quota an instance type falls under; A, C, D, H, I, M, R, T and Z share `standard`.
 * Source: EC2 user guide, "Amazon EC2 instance type quotas". */
export function quotaFamily(instanceType: string): QuotaFamily {
  return families.find(([pattern]) => pattern.test(instanceType))?.[1] ?? 'standard';
}
