/**
 * The share of a vCPU that a burstable type may use for as long as it likes, by size. Source: EC2 user guide, "Key concepts
 * for burstable performance instances", table of credits: credits earned in an hour ÷ 60 ÷ vCPUs.
 */
const baselines: Readonly<Record<string, number>> = {
  nano: 0.05,
  micro: 0.1,
  small: 0.2,
  medium: 0.2,
  large: 0.3,
  xlarge: 0.4,
  '2xlarge': 0.4,
};
const ofT2: Readonly<Record<string, number>> = { micro: 0.1, small: 0.2, xlarge: 0.225, '2xlarge': 0.17 };

/** The baseline of each vCPU, from 0 to 1; `null`: the type does not take CPU credits. `t1` has none to ask for. */
export function baselineOf(instanceType: string): number | null {
  const [, family, size] = /^(t2|t3|t3a|t4g)\.(\w+)$/.exec(instanceType) ?? [];
  if (family === undefined || size === undefined) return null;
  return (family === 't2' ? ofT2[size] : undefined) ?? baselines[size] ?? null;
}

/** vCPUs beyond the baseline at full load: billed by the hour where CPU credits are unlimited. */
export const surplusVcpus = (instanceType: string, vcpus: number): number =>
  vcpus * (1 - (baselineOf(instanceType) ?? 1));
