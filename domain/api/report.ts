import * as z from 'zod';
import { StopMode } from '../kernel/status.ts';

const time = z.iso.datetime({ offset: true });

// docs/contracts.md, "Report".

const RunnerExit = z.object({
  at: time,
  cause: z.enum(['commands', 'stopped', 'max_duration', 'setup', 'fetch']),
  status: z.int().min(0).max(255).nullable(),
  signal: z.string().max(20).nullable(),
  log_bytes: z.int().nonnegative(),
  message: z.string().max(4_000).nullable(),
});

export const SubmissionReport = z
  .object({
    at: time,
    started: z.object({ at: time }).optional(),
    log: z.object({ offset: z.int().nonnegative(), data: z.base64(), at: time }).optional(),
    exit: RunnerExit.optional(),
  })
  .meta({ id: 'SubmissionReport' });
export type SubmissionReport = z.infer<typeof SubmissionReport>;

export const ReportAnswer = z
  .object({
    log_offset: z.int().nonnegative().nullable(),
    stop: z.object({ mode: StopMode, reason: z.string() }).nullable(),
  })
  .meta({ id: 'ReportAnswer' });
export type ReportAnswer = z.infer<typeof ReportAnswer>;

export const InstanceReport = z
  .object({ nonce: z.string().max(200), ready: z.object({ at: time }) })
  .meta({ id: 'InstanceReport' });
