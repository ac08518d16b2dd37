import { quote } from './describe.ts';
import { withHint } from './problem.ts';
import { text } from './text.ts';

const NAME = /^[a-z][a-z0-9-]{1,40}$/;

/** The name of a run or fleet, by dstack's rule. */
export const name = text('a name').refine((written) => NAME.test(written), {
  error: (issue) => {
    const written = String(issue.input);
    return withHint(
      `${quote(written)} is not a name: 2 to 41 lower-case letters, digits and dashes, a letter first`,
      suggestion(written),
    );
  },
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
