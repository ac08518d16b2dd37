import { createHash, timingSafeEqual } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { InstanceReport, NodeRequest, ReportAnswer, SubmissionReport } from '../../domain/api/report.ts';
import { type GangReport, recordGangReport } from '../../domain/coordination/gang-reports.ts';
import { recordReport } from '../../domain/coordination/job-reports.ts';
import { recordBooting, recordReady } from '../../domain/coordination/launch-outcome.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { attemptOf, type JobState, QUIET } from '../../domain/job/state.ts';
import { Job } from '../../domain/job/stream.ts';
import { InstanceId, partsOf, SubmissionId } from '../../domain/kernel/ids.ts';
import type { Api, Ctx, Env, Routes } from './context.ts';
import { refuse } from './problems.ts';
import { bodyOf } from './request.ts';

/** The runner's reports (docs/contracts.md): authenticated by the submission's own token, good for nothing else. */
export const submissionReportRoutes = (api: Api): Routes =>
  new Hono<Env>().post('/:id/report', async (c) => {
    const submission = SubmissionId.safeParse(c.req.param('id'));
    if (!submission.success) throw refuse(404, 'unknown-submission', 'there is no such submission');
    const { job: id, number, run } = partsOf(submission.data);
    const { state: job } = await api.store.load(Job, id);
    if (job === undefined) throw refuse(404, 'unknown-submission', 'there is no such submission');
    checkToken(c, tokenOf(job, number));
    const report = await bodyOf(c, SubmissionReport);
    const { length } = JSON.stringify({ ...report, log: undefined });
    if (length > WITHOUT_OUTPUT)
      throw refuse(
        413,
        'too-large',
        `the report has ${length} characters beside its output; at most ${WITHOUT_OUTPUT} are kept`,
      );
    const provenance = { by: 'runner', causation: `report of ${submission.data}`, correlation: run };

    // Output first: whoever sees the exit can read all that led to it.
    const log = report.log && { ...report.log, data: outputOf(report.log) };
    const data = log?.data.subarray(0, Math.max(0, endOfOutput(job, number) - log.offset));
    if (log && data && data.length > 0)
      await api.logs.write(submission.data, { offset: log.offset, at: Date.parse(log.at), data });
    if (report.health) await recordReport(api, provenance, submission.data, { kind: 'healthy' });
    if (report.stage)
      await recordReport(api, provenance, submission.data, {
        ...{ kind: 'staged', stage: report.stage.name, message: report.stage.message },
      });
    if (report.container)
      await recordReport(api, provenance, submission.data, {
        ...{ kind: 'container', container: report.container },
      });
    const { arrived, prepared } = report;
    const said: GangReport | null = arrived
      ? { kind: 'arrived', ...arrived }
      : prepared
        ? { kind: 'prepared' }
        : null;
    const gang = said && (await recordGangReport(api, provenance, submission.data, said));
    // Of commands that ended at once both are told, in one append.
    if (report.started && !report.exit)
      await recordReport(api, provenance, submission.data, {
        kind: 'started',
        at: Date.parse(report.started.at),
      });
    if (report.exit)
      await recordReport(api, provenance, submission.data, {
        kind: 'exited',
        started_at: report.started ? Date.parse(report.started.at) : null,
        exit: report.exit,
      });
    const isOver = attemptOf(job)?.submission !== number;
    if (!report.exit && job.phase.kind === 'running' && job.phase.silence !== null)
      await recordReport(api, provenance, submission.data, { kind: 'heard' });
    else if (isHeartbeat(report) && !isOver && (job.phase.kind === 'running' || isAboutToBegin(job)))
      await api.store.remind({ name: 'Job', id }, api.runtime.now() + QUIET);

    const answer: ReportAnswer = {
      log_offset: log ? log.offset + log.data.length : null,
      stop: report.exit ? null : orders(job, number),
      gang,
    };
    return c.json(ReportAnswer.parse(answer));
  });

// It becomes part of the job's head, and the heads of a run's jobs part of the run's: an item of DynamoDB's is 400 KB at most.
const WITHOUT_OUTPUT = 32 * 1024;

// The runner sends 192 KiB at most: a few bytes must not become gigabytes.
const LARGEST_OUTPUT = 4 * 1024 * 1024;

function outputOf({ data, encoding }: NonNullable<SubmissionReport['log']>): Buffer {
  const bytes = Buffer.from(data, 'base64');
  if (encoding === undefined) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST_OUTPUT });
  } catch {
    throw refuse(
      400,
      'invalid-body',
      `log.data is not gzip, or is more than ${LARGEST_OUTPUT} bytes of output`,
    );
  }
}

/**
 * Where the output of a submission ends, once its exit has said so: what comes behind that is not the job's. Before it, a runner
 * that had nobody to report to makes up for what is missing; bytes that are there stay as they are (`infra/logs/unread.ts`).
 */
const endOfOutput = (job: JobState, submission: number): number =>
  job.past.find((past) => past.submission === submission)?.log_bytes ?? Number.POSITIVE_INFINITY;

/** Nothing but that it is there. */
const isHeartbeat = (report: SubmissionReport): boolean => Object.keys(report).every((part) => part === 'at');

/** Its runner is at the rendezvous, or at its container: that may take long, and its disk need not be asked. */
const isAboutToBegin = ({ phase }: JobState): boolean => phase.kind === 'assigned' && phase.sent !== null;

// Nothing is known of who sends it until it is read.
const OF_AN_INSTANCE = 16 * 1024;

/** An instance that boots, with the nonce it was launched with: it asks for Node, and says how far it is. */
export const instanceReportRoutes = (api: Api): Routes =>
  new Hono<Env>()
    .post('/:id/report', async (c) => {
      const id = instanceIn(c);
      const report = await bodyOf(c, InstanceReport, OF_AN_INSTANCE);
      const provenance = { by: 'instance', causation: `report of ${id}`, correlation: id };
      const proof = { nonce: report.nonce };
      const heard =
        'ready' in report
          ? await recordReady(api, provenance, id, proof)
          : await recordBooting(api, provenance, id, proof, report.booting.message);
      if (heard === 'unknown') throw unknownInstance();
      if (heard === 'wrong-nonce') throw wrongNonce();
      if (heard === 'too-early')
        throw refuse(503, 'too-early', 'the launch of the instance is not on record yet; report again');
      return c.json({});
    })
    // A line each, since whoever asks has no more than a shell.
    .post('/:id/node', async (c) => {
      const id = instanceIn(c);
      const { nonce, arch } = await bodyOf(c, NodeRequest, OF_AN_INSTANCE);
      const { state: instance } = await api.store.load(Instance, id);
      if (instance === undefined) throw unknownInstance();
      if (nonce !== instance.nonce) throw wrongNonce();
      const build = await api.nodeBuilds.link(arch);
      if (build === undefined)
        throw refuse(503, 'no-node', `the bucket has no Node for ${arch}; type: npm run deploy`);
      return c.text(`${build.version}\n${build.sha256}\n${build.url}\n`);
    });

function instanceIn(c: Ctx): InstanceId {
  const id = InstanceId.safeParse(c.req.param('id'));
  if (!id.success) throw unknownInstance();
  return id.data;
}

const unknownInstance = () => refuse(404, 'unknown-instance', 'there is no such instance');
const wrongNonce = () => refuse(403, 'wrong-nonce', 'this nonce is not that of the instance');

const tokenOf = (job: JobState, submission: number): string | undefined =>
  [attemptOf(job), ...job.past].find((one) => one?.submission === submission)?.bundle.token_sha256;

function checkToken(c: Ctx, expected: string | undefined): void {
  const token = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (token === undefined)
    throw refuse(401, 'no-token', "send the submission's token as `Authorization: Bearer`");
  const given = createHash('sha256').update(token).digest();
  if (expected === undefined || !timingSafeEqual(given, Buffer.from(expected, 'hex')))
    throw refuse(403, 'wrong-token', 'this token is not for this submission');
}

/** What the runner is told in return. A submission that is over here has no business running there. */
function orders(job: JobState, submission: number): ReportAnswer['stop'] {
  if (attemptOf(job)?.submission !== submission) return { mode: 'abort', reason: 'the submission is over' };
  return job.phase.kind === 'stopping' ? { mode: job.phase.mode, reason: job.phase.reason } : null;
}
