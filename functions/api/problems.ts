import type { Problem } from '../../domain/api/problem.ts';
import type { Problem as ConfigurationProblem } from '../../domain/configuration/problem.ts';
import { formatPath } from '../../domain/configuration/problem.ts';

/** A request that cannot be served, thrown from anywhere in a route and answered as a problem document. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

const titles = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Not acceptable as it is',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Try again later',
} as const;

/** `kind` names it for programs, `detail` says what happened and what to do next. */
export function refuse(
  status: keyof typeof titles,
  kind: string,
  detail: string,
  rest: Partial<Pick<Problem, 'errors' | 'run'>> = {},
): Refused {
  return new Refused({ type: `urn:sortie:problem:${kind}`, title: titles[status], status, detail, ...rest });
}

type Located = ConfigurationProblem & { readonly line?: number; readonly column?: number };

/** All that is wrong with a configuration, at once, each with its field. */
export function invalidConfiguration(problems: readonly Located[]): Refused {
  const [first] = problems;
  const where = first && first.path.length > 0 ? `${formatPath(first.path)}: ` : '';
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return refuse(
    422,
    'invalid-configuration',
    `${where}${first?.message ?? 'the configuration is invalid'}${more}`,
    {
      errors: problems.map(({ path, message, hint, line, column }) => ({
        path: [...path],
        message,
        ...(hint !== undefined && { hint }),
        ...(line !== undefined && { line }),
        ...(column !== undefined && { column }),
      })),
    },
  );
}

/** Of a submission whose name an unfinished run has; a plan says it beforehand. */
export const nameTaken = (name: string, run: string): Refused =>
  refuse(
    409,
    'name-taken',
    `a run named ${name} is not finished yet; stop it (sortie stop ${name}) or choose another name`,
    { run },
  );
