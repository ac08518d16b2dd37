import { quote } from './describe.ts';
import { withHint } from './problem.ts';
import { text } from './text.ts';

const NAME = /^[a-z][a-z0-9-]{1,40}$/;

// 26 characters of a ULID's alphabet: whoever types one means a run by its id.
const LIKE_AN_ID = /^[0-9a-hjkmnp-tv-z]{26}$/;

/** The name of a run or fleet, by dstack's rule. */
export const name = text('a name')
  .refine((written) => NAME.test(written), {
    error: (issue) => {
      const written = String(issue.input);
      return withHint(
        `${quote(written)} is not a name: 2 to 41 lower-case letters, digits and dashes, a letter first`,
        suggestion(written),
      );
    },
  })
  .refine((written) => !LIKE_AN_ID.test(written), {
    error: (issue) =>
      withHint(
        `${quote(String(issue.input))} has the form of a run's id`,
        'add a dash, or leave out a letter',
      ),
  });

function suggestion(written: string): string | undefined {
  const near = written
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 41);
  return NAME.test(near) ? `how about ${near}` : undefined;
}
