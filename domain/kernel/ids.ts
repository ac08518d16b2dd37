import * as z from 'zod';

// Ids are parsed once, at the edge, and trusted inside: docs/contracts.md has their forms.
const ULID = '[0-9a-hjkmnp-tv-z]{26}';
// Without leading zeros: a number written in two ways would be two ids of one thing.
const NUMBER = '(?:0|[1-9]\\d{0,3})';

export const RunId = z
  .string()
  .regex(new RegExp(`^${ULID}$`), 'not a run id')
  .brand<'RunId'>();
export const JobId = z
  .string()
  .regex(new RegExp(`^${ULID}-${NUMBER}$`), 'not a job id')
  .brand<'JobId'>();
export const SubmissionId = z
  .string()
  .regex(new RegExp(`^${ULID}-${NUMBER}-${NUMBER}$`), 'not a submission id')
  .brand<'SubmissionId'>();
export const InstanceId = z
  .string()
  .regex(new RegExp(`^i${ULID}$`), 'not an instance id')
  .brand<'InstanceId'>();
export const FleetName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,40}$/, 'a fleet name is 2 to 41 of a-z, 0-9 and -, beginning with a letter')
  .brand<'FleetName'>();

export type RunId = z.infer<typeof RunId>;
export type JobId = z.infer<typeof JobId>;
export type SubmissionId = z.infer<typeof SubmissionId>;
export type InstanceId = z.infer<typeof InstanceId>;
export type FleetName = z.infer<typeof FleetName>;

export const runId = (ulid: string): RunId => RunId.parse(ulid);
export const instanceId = (ulid: string): InstanceId => InstanceId.parse(`i${ulid}`);
export const jobId = (run: RunId, index: number): JobId => JobId.parse(`${run}-${index}`);
export const submissionId = (job: JobId, number: number): SubmissionId =>
  SubmissionId.parse(`${job}-${number}`);

/** The run, job and number that a submission id is made of. */
export function partsOf(submission: SubmissionId): { run: RunId; job: JobId; number: number } {
  const [run = '', index = '', number = ''] = submission.split('-');
  return { run: RunId.parse(run), job: JobId.parse(`${run}-${index}`), number: Number(number) };
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 10;

/** When a ULID was made, in milliseconds since the Unix epoch: https://github.com/ulid/spec */
export const timeOf = (ulid: string): number =>
  Array.from(ulid.slice(0, TIME_CHARACTERS)).reduce((time, one) => time * 32 + CROCKFORD.indexOf(one), 0);

export const runOf = (job: JobId): RunId => RunId.parse(job.slice(0, 26));
