import { Hono } from 'hono';
import * as z from 'zod';
import { LogList } from '../../domain/api/run.ts';
import { type LogChunk, type LogPosition, LogsBusy } from '../../domain/job/logs.ts';
import { attemptOf, type JobState } from '../../domain/job/state.ts';
import { Job } from '../../domain/job/stream.ts';
import { type JobId, jobId, submissionId } from '../../domain/kernel/ids.ts';
import { iso, SECOND } from '../../domain/kernel/instant.ts';
import type { Api, Env, Routes } from './context.ts';
import { findRun } from './find-run.ts';
import { refuse } from './problems.ts';
import { queryOf } from './request.ts';

export const LogQuery = z.object({
  job: z.coerce.number().int().min(0).default(0),
  after: z.string().optional().meta({ description: '`next` of the answer before' }),
  // An HTTP API gives up after 30 s.
  wait: z.coerce.number().min(0).max(20).default(0).meta({
    description:
      'Seconds to wait for something new: a long poll. A deployment may wait for less, and answer at once: then ask again after a second.',
  }),
});

/** Where a reader is: in which submission, and where in its output. It comes back from outside, where it may be anything. */
const Position = z.object({
  submission: z.int().min(0).max(9_999),
  offset: z.int().min(0),
  token: z.string().min(1).max(1_000).nullable(),
});
type Position = z.infer<typeof Position>;

/** A job's output from all its submissions, in order; `after` and `wait` make it a long poll. */
export const runLogRoutes = (api: Api): Routes =>
  new Hono<Env>().get('/:run/logs', async (c) => {
    const { job: index, after, wait } = queryOf(c, LogQuery);
    const run = await findRun(api, c.var.caller, c.req.param('run'));
    if (index >= run.jobs.length)
      throw refuse(404, 'unknown-job', `run ${run.name} has ${numbered(run.jobs.length)}`);
    const until = api.runtime.now() + Math.min(wait, api.longPollSeconds) * SECOND;
    let position = positionOf(after);
    for (let pause = 40; ; pause = Math.min(1_000, pause * 1.5)) {
      const page = await readOn(api, jobId(run.id, index), index, position);
      position = page.position;
      if (page.logs.length > 0 || page.done || api.runtime.now() >= until)
        return c.json(LogList.parse({ logs: page.logs, next: encode(position), done: page.done }));
      await api.runtime.pause(Math.min(pause, Math.max(0, until - api.runtime.now())));
    }
  });

async function readOn(api: Api, id: JobId, index: number, from: Position) {
  // The job first: what it says has ended, has all its output written by then.
  const { state: job } = await api.store.load(Job, id);
  if (job === undefined) throw new Error(`job ${id} vanished between two reads`);
  let position = from;
  for (;;) {
    const read = await readSubmission(api, id, job, position);
    const logs = read.chunks.map((chunk) => ({
      job: index,
      submission: position.submission,
      ...spelledOut(chunk),
    }));
    if (!read.finished) return { logs, position: read.position, done: false };
    // Nothing may be all that a submission wrote: whoever reads what there is wants what comes after it.
    if (!hasSubmission(job, position.submission + 1))
      return { logs, position: read.position, done: job.phase.kind === 'ended' };
    position = { submission: position.submission + 1, offset: 0, token: null };
  }
}

async function readSubmission(api: Api, id: JobId, job: JobState, from: Position) {
  const at: LogPosition = { offset: from.offset, token: from.token };
  const { chunks, next } = await api.logs.read(submissionId(id, from.submission), at).catch(busy);
  const position: Position = { submission: from.submission, offset: next.offset, token: next.token };
  return { chunks, position, finished: chunks.length === 0 && whole(job, from.submission, next.offset) };
}

/** Nobody is to take what was not read for the end: the caller asks again. */
function busy(error: unknown): never {
  if (error instanceof LogsBusy)
    throw refuse(429, 'logs-busy', `${error.message}; ask again in some seconds`);
  throw error;
}

/** The submission is over and all it wrote has been read. CloudWatch shows what was put with a delay. */
function whole(job: JobState, submission: number, offset: number): boolean {
  const past = job.past.find((one) => one.submission === submission);
  if (past === undefined) return job.phase.kind === 'ended';
  return past.log_bytes === null || offset >= past.log_bytes;
}

const hasSubmission = (job: JobState, submission: number): boolean =>
  job.past.some((past) => past.submission === submission) || attemptOf(job)?.submission === submission;

function spelledOut({ offset, at, data }: LogChunk) {
  const bytes = Buffer.from(data);
  const text = bytes.toString('utf8');
  const exact = Buffer.from(text, 'utf8').equals(bytes);
  return { offset, at: iso(at), ...(exact ? { text } : { base64: bytes.toString('base64') }) };
}

const encode = (position: Position): string => Buffer.from(JSON.stringify(position)).toString('base64url');

function positionOf(after: string | undefined): Position {
  if (after === undefined) return { submission: 0, offset: 0, token: null };
  try {
    return Position.parse(JSON.parse(Buffer.from(after, 'base64url').toString()));
  } catch {
    throw refuse(400, 'bad-cursor', 'take `after` from `next` of the answer before');
  }
}

const numbered = (jobs: number): string =>
  jobs === 1 ? 'one job, number 0' : `${jobs} jobs, numbered from 0`;
