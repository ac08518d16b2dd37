import type { RunDetail } from '../../domain/api/run.ts';

/** One job of the canary: what it proves, and how it has to end. */
export interface Case {
  readonly name: string;
  readonly proves: string;
  readonly nodes: number;
  /** Fields of its run configuration. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly ends: 'done' | 'failed with 7' | 'stopped by the user while it runs';
}

export interface Choice {
  /** A GPU request as in a configuration: `L4`, `24GB..`, `A100:1`. */
  readonly gpu?: string;
  readonly image: string;
  readonly skip: readonly string[];
}

/** Seconds that a job may run: the budget is made of it. A GPU's driver image takes minutes to boot, which do not count. */
export const MAX_DURATION = 600;

/** Seconds of silence that the stopped job would sleep for: longer than its `max_duration`. */
const LONG = 3_600;

const small = { cpu: '1..', memory: '1GB..' };

/** In the order in which they run: the second needs the instance of the first. */
export function casesFor({ gpu, image, skip }: Choice): readonly Case[] {
  const all: readonly Case[] = [
    {
      name: 'cold-start',
      proves: 'a new instance boots and runs a job',
      ...{ nodes: 1, ends: 'done' },
      fields: { commands: ['true'], spot_policy: 'on-demand' },
    },
    {
      name: 'warm-start',
      proves: 'an idle instance takes the next job',
      ...{ nodes: 1, ends: 'done' },
      fields: { commands: ['true'], creation_policy: 'reuse' },
    },
    {
      name: 'failing',
      proves: 'the exit status of the commands is the run’s',
      ...{ nodes: 1, ends: 'failed with 7' },
      fields: { commands: ['exit 7'] },
    },
    {
      name: 'stopped',
      proves: 'a stop reaches commands that run',
      ...{ nodes: 1, ends: 'stopped by the user while it runs' },
      fields: { commands: [`sleep ${LONG}`], stop_duration: 10 },
    },
    {
      name: 'container',
      proves: 'an image is pulled and its container runs',
      ...{ nodes: 1, ends: 'done' },
      fields: { image, commands: ['true'] },
    },
    {
      name: 'two-nodes',
      proves: 'two nodes start together and know each other’s address',
      ...{ nodes: 2, ends: 'done' },
      fields: { nodes: 2, commands: ['test -n "$SORTIE_MASTER_NODE_IP"'], spot_policy: 'on-demand' },
    },
    {
      name: 'spot',
      proves: 'a spot instance is launched',
      ...{ nodes: 1, ends: 'done' },
      fields: { commands: ['true'], spot_policy: 'spot' },
    },
    ...(gpu === undefined
      ? []
      : [
          {
            name: 'gpu',
            proves: 'the driver of the GPU answers',
            ...{ nodes: 1, ends: 'done' as const },
            fields: { commands: ['nvidia-smi'], resources: { ...small, gpu } },
          },
        ]),
  ];
  return all
    .filter(({ name }) => !skip.includes(name))
    .map((one) => ({ ...one, fields: { resources: small, ...one.fields } }));
}

export const CASE_NAMES = casesFor({ gpu: 'any', image: 'any', skip: [] }).map(({ name }) => name);

/** `null`: it ended as it has to. Else what happened instead. */
export function deviationOf({ ends }: Case, run: RunDetail): string | null {
  const exit = run.jobs[0]?.submissions.at(-1)?.exit_status ?? null;
  const happened = `${run.status}${exit === null ? '' : ` with ${exit}`}`;
  const right =
    ends === 'done'
      ? run.status === 'done'
      : ends === 'failed with 7'
        ? run.status === 'failed' && exit === 7
        : run.status === 'terminated';
  return right ? null : `${happened}${run.message === null ? '' : `: ${run.message}`}`;
}
