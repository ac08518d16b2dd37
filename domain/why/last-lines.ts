import { attemptOf, type JobState } from '../job/state.ts';

/** So much of the end of the output is looked at, and so many of its lines are shown. */
export const TAIL_BYTES = 8_192;
const LINES = 10;
const LINE_CHARACTERS = 400;

/** The last submission of a job that is over and did not go well: its output may say why. */
export function submissionToQuote(job: JobState): number | null {
  const last = job.past.at(-1);
  return attemptOf(job) === undefined && last !== undefined && last.status !== 'done'
    ? last.submission
    : null;
}

/** The last lines of an output as a terminal would have left them: of a progress bar, its last state. */
export function lastLines(tail: Uint8Array): string[] {
  const lines = new TextDecoder()
    .decode(tail)
    .replace(/[\r\n]+$/, '')
    .split(/\r?\n/);
  // What was cut off at the front is not a line.
  const whole = tail.length === TAIL_BYTES && lines.length > 1 ? lines.slice(1) : lines;
  return whole
    .slice(-LINES)
    .map((line) => line.split('\r').at(-1) ?? '')
    .map((line) => (line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS)}…` : line));
}
