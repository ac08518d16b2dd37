import { type CloudCall, type CountedCall, knownCalls } from './cloud-call.ts';
import { durationAmounts, durationFamilies, durationName } from './durations.ts';
import type { Family, Labels, SampledFamily } from './family.ts';
import { BootOutcome, LostState, type Observation } from './observation.ts';
import type { Amounts } from './tally.ts';
import type { Told } from './told.ts';

const BOOT = 'sortie_instances_boot_outcomes_total';
const DISAPPEARED = 'sortie_instances_disappeared_total';
const CALLS = 'sortie_cloud_calls_total';

// Series as a tally has them: short, since a write there costs by the kilobyte.
const bootKey = (outcome: BootOutcome): string => `boot ${outcome}`;
const lostKey = (state: LostState): string => `lost ${state}`;
const callKey = ({ operation, error }: CloudCall): string => `call ${operation} ${error}`;

/** What observations add to a tally. */
export const amountsOf = (observations: readonly Observation[]): Amounts =>
  total(observations.map(amountsOfOne));

function amountsOfOne(observation: Observation): Amounts {
  switch (observation.of) {
    case 'boot':
      return { [bootKey(observation.outcome)]: 1 };
    case 'disappearance':
      return { [lostKey(observation.state)]: 1 };
    case 'duration':
      return durationAmounts(observation.duration, observation.seconds);
  }
}

export const amountsOfCalls = (calls: readonly CountedCall[]): Amounts =>
  total(calls.map((call) => ({ [callKey(call)]: call.times })));

function total(all: readonly Amounts[]): Amounts {
  const sum: Record<string, number> = {};
  for (const amounts of all)
    for (const [key, amount] of Object.entries(amounts)) sum[key] = (sum[key] ?? 0) + amount;
  return sum;
}

export function toldOf(observation: Observation): Told {
  switch (observation.of) {
    case 'boot':
      return { name: BOOT, labels: { outcome: observation.outcome }, value: 1 };
    case 'disappearance':
      return { name: DISAPPEARED, labels: { state: observation.state }, value: 1 };
    case 'duration':
      return { name: durationName(observation.duration), labels: {}, value: observation.seconds };
  }
}

export const toldOfCall = ({ operation, error, times }: CountedCall): Told => ({
  name: CALLS,
  labels: { operation, error },
  value: times,
});

/** The families that a project's tally shows, every series of them from the start. */
export const projectFamilies = (amounts: Amounts): Family[] => [
  counter(
    BOOT,
    'How launches ended',
    BootOutcome.options.map((outcome) => [{ outcome }, amounts[bootKey(outcome)]]),
  ),
  counter(
    DISAPPEARED,
    'Instances that were gone without our asking, by what they were doing',
    LostState.options.map((state) => [{ state }, amounts[lostKey(state)]]),
  ),
  ...durationFamilies(amounts),
];

/** The deployment's requests to the cloud; one that is not among the known shows once it was made. */
export function cloudFamilies(amounts: Amounts): Family[] {
  const known = new Set(knownCalls.map(callKey));
  const made = Object.keys(amounts).filter((key) => key.startsWith('call ') && !known.has(key));
  const series = [...known, ...made].map((key): [Labels, number | undefined] => {
    const [, operation = '', error = ''] = key.split(' ');
    return [{ operation, error }, amounts[key]];
  });
  return [counter(CALLS, 'Requests to EC2 and SSM, by what they came to; none: no error', series)];
}

function counter(
  name: string,
  help: string,
  series: readonly (readonly [Labels, number | undefined])[],
): SampledFamily {
  return {
    type: 'counter',
    name,
    help,
    samples: series.map(([labels, value = 0]) => ({ labels, value })),
  };
}
