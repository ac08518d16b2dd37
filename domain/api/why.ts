import * as z from 'zod';
import { JobStatus } from '../kernel/status.ts';
import { OfferTerms } from '../planning/offer.ts';
import { RunSummary } from './run.ts';

const time = z.string().meta({ description: 'ISO 8601, UTC', format: 'date-time' });

export const Why = z
  .object({
    run: z.string(),
    name: z.string(),
    status: JobStatus,
    cause: z.object({
      kind: z.string().meta({
        description:
          'For programs: `done`, `exit_status`, `capacity`, `booting`, `fleet_limit`, `spot_interruption` …',
      }),
      message: z.string().meta({ description: 'The true cause of how things are now, in a sentence' }),
    }),
    output: z
      .object({ job: z.int(), submission: z.int(), lines: z.array(z.string()).max(10) })
      .nullable()
      .meta({
        description:
          'The last lines that the job wrote whose end is the cause; null: it is well, wrote nothing, or CloudWatch is asked too often',
      }),
    nodes: RunSummary.shape.jobs.meta({ description: 'Each job, with its exit status' }),
    plan: z
      .object({
        asked: z.string().meta({ description: 'What the run asks for, as a configuration writes it' }),
        considered: z.int().meta({ description: 'Offers in the catalogue' }),
        fitting: z.int().meta({ description: 'Those that fit, whatever EC2 refuses at the moment' }),
        best: OfferTerms.nullable(),
      })
      .meta({ description: 'What was asked, against the catalogue as it is now' }),
    chain: z.array(
      z.object({
        event: z.string().meta({ description: '`<stream>-<id>/<version>/<n>`, as on the bus' }),
        at: time,
        by: z.string(),
        what: z.string(),
        lasted_ms: z
          .number()
          .nullable()
          .meta({ description: 'How long a wait lasted (until now, if it goes on), or a step took' }),
      }),
    ),
    more: z
      .enum(['none', 'see_events'])
      .meta({ description: '`see_events`: the chain is too long to be told whole' }),
  })
  .meta({ id: 'Why' });
export type Why = z.infer<typeof Why>;
