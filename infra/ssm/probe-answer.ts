import * as z from 'zod';
import type { Probe, ProbedSubmission } from '../../domain/job/commands.ts';

const When = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** A line of the probe document: docs/contracts.md. */
const Line = z.object({
  submission: z.string(),
  state: z.enum(['running', 'exited', 'lost']),
  started: z.object({ at: When }).nullable(),
  exit: z
    .object({
      cause: z.enum(['commands', 'stopped', 'max_duration', 'setup', 'fetch', 'instance', 'health']),
      status: z.number().nullable(),
      signal: z.string().nullable(),
      log_bytes: z.number().nullable(),
      message: z.string().nullable(),
    })
    .nullable(),
});

/** All that is printed where no job has begun and user data has not finished. */
const Booting = z.object({ booting: z.string() });

/** What a probe printed. One line that cannot be read makes all of them doubtful: nothing is concluded from silence. */
export function parseProbe(text: string): Probe {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const booting = Booting.safeParse(json(lines[0] ?? ''));
  if (booting.success) return { kind: 'booting', message: booting.data.booting };
  const submissions: ProbedSubmission[] = [];
  for (const line of lines) {
    const parsed = Line.safeParse(json(line));
    if (!parsed.success)
      return { kind: 'unreachable', detail: `the probe printed what it should not: ${line.slice(0, 200)}` };
    const { submission, state, started, exit } = parsed.data;
    submissions.push({ submission, state, started_at: started?.at ?? null, exit });
  }
  return { kind: 'answered', submissions };
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
