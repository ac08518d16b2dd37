import * as z from 'zod';
import { describe, visible } from './describe.ts';
import { mustBe } from './problem.ts';
import { text } from './text.ts';

const REGION = /^[a-z]{2,5}(-[a-z]+)+-\d$/;
const ZONE = /^[a-z]{2,5}(-[a-z]+)+-\d[a-z]$/;

/** The regions to launch in. Names of other clouds pass, as configurations name several clouds; EC2 has no offer there. */
export const regions = listOf('region', 'us-east-1', (name) =>
  ZONE.test(name) ? `${describe(name)} is an availability zone: write it under \`availability_zones\`` : null,
);

export const availabilityZones = listOf('availability zone', 'us-east-1a', (name) =>
  REGION.test(name)
    ? `${describe(name)} is a region: write it under \`regions\`, or add the zone's letter`
    : null,
);

export const instanceTypes = listOf('instance type', 'g6.xlarge', () => null);

function listOf(what: string, example: string, confused: (name: string) => string | null) {
  const problem = (name: string): string | null =>
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)
      ? confused(name)
      : `${describe(name)} is not the name of ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what} such as ${example}`;
  const item = text(`the name of ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}`).refine(
    (name) => problem(name) === null,
    { error: (issue) => problem(String(issue.input)) ?? '' },
  );
  return z
    .array(item, {
      error: (issue) => {
        const single =
          typeof issue.input === 'string' ? `write [${visible(issue.input.slice(0, 60))}]` : undefined;
        return mustBe(`a list of ${what}s`, single)(issue);
      },
    })
    .min(1, `names no ${what}\nleave the field out to allow any`)
    .max(100, `has more than 100 entries`);
}
