import * as z from 'zod';
import { ReadyContainer, Sighting } from '../container/sighting.ts';
import { Stage } from '../container/stage.ts';
import { GangOrder } from '../gang/order.ts';
import { NodeArch } from '../instance/node-builds.ts';
import { StopMode } from '../kernel/status.ts';

const [FIRST, LAST] = [Date.parse('0000-01-01T00:00:00.000Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/** In a year of four digits in UTC too, where it is written down again. */
const time = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= FIRST && Date.parse(text) <= LAST, 'must be in the years 0 to 9999');

/** More than any disk holds: sums with it stay whole numbers. */
const MOST_BYTES = 2 ** 50;

// docs/contracts.md, "Report".

const RunnerExit = z.object({
  at: time,
  cause: z.enum(['commands', 'stopped', 'max_duration', 'setup', 'fetch', 'instance', 'health']),
  status: z.int().min(0).max(255).nullable(),
  signal: z.string().max(20).nullable(),
  log_bytes: z.int().nonnegative().max(MOST_BYTES),
  message: z.string().max(4_000).nullable(),
});

export const SubmissionReport = z
  .object({
    at: time,
    started: z.object({ at: time }).optional(),
    log: z
      .object({
        offset: z.int().nonnegative().max(MOST_BYTES),
        data: z.base64(),
        encoding: z.enum(['gzip']).optional().meta({ description: 'Of what `data` has in base64' }),
        at: time,
      })
      .optional(),
    health: z.object({ passed: z.literal(true) }).optional(),
    exit: RunnerExit.optional(),
    stage: z.object({ at: time, name: Stage, message: z.string().max(1_000) }).optional(),
    arrived: z.object({ address: z.string().min(1).max(100), sighting: Sighting.nullable() }).optional(),
    container: ReadyContainer.optional(),
    prepared: z.object({ at: time }).optional(),
  })
  .meta({ id: 'SubmissionReport' });
export type SubmissionReport = z.infer<typeof SubmissionReport>;

export const ReportAnswer = z
  .object({
    log_offset: z.int().nonnegative().nullable(),
    stop: z.object({ mode: StopMode, reason: z.string() }).nullable(),
    gang: GangOrder.nullable().meta({ description: 'What a node of several does next' }),
  })
  .meta({ id: 'ReportAnswer' });
export type ReportAnswer = z.infer<typeof ReportAnswer>;

const nonce = z.string().max(200).meta({ description: 'What the instance was launched with' });

export const InstanceReport = z
  .union([
    z.object({ nonce, ready: z.object({ at: time }).meta({ id: 'InstanceReady' }) }),
    z.object({
      nonce,
      booting: z.object({ at: time, message: z.string().max(1_000) }).meta({ id: 'InstanceBooting' }),
    }),
  ])
  .meta({ id: 'InstanceReport', description: 'That user data has finished, or what it fails at' });

export const NodeRequest = z.object({ nonce, arch: NodeArch }).meta({ id: 'NodeRequest' });
