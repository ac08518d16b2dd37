import * as z from 'zod';
import { Problem } from '../../domain/api/problem.ts';
import type { Connection } from '../connection.ts';
import { Exit, Failure } from '../exit.ts';
import type { Answer } from './transport.ts';

/** Sortie's own no: a problem document. */
export class Refused extends Failure {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail, {
      exit: problem.status === 400 || problem.status === 422 ? Exit.usage : Exit.failed,
      next: problem.errors?.find(({ hint }) => hint !== undefined)?.hint,
    });
    this.problem = problem;
  }
}

/** What API Gateway says by itself, before Sortie is asked. */
const GatewayRefusal = z.object({ message: z.string() });

/** An answer of 400 or more, as what to tell the user. */
export function refusalOf(answer: Answer, { url, token }: Connection): Failure {
  const body = parsed(answer.text);
  const problem = Problem.safeParse(body);
  if (problem.success) return new Refused(problem.data);
  const gateway = GatewayRefusal.safeParse(body);
  const said = gateway.success ? `: ${gateway.data.message}` : '';
  if (answer.status === 401 || answer.status === 403) return tokenRefused(url, token);
  if (answer.status === 429)
    return new Failure(`Sortie at ${url} is asked too much at the moment`, {
      next: 'wait some seconds, then the same again',
    });
  return new Failure(`${url} answered HTTP ${answer.status}${said}`, {
    exit: Exit.unreachable,
    next: `is it Sortie? see ${url}/v1/health, or name another with --url`,
  });
}

function tokenRefused(url: string, token: string | null): Failure {
  const happened =
    token === null
      ? `Sortie at ${url} wants a token, and there is none here`
      : `Sortie at ${url} does not know this token`;
  return new Failure(happened, {
    exit: Exit.unreachable,
    next: "export SORTIE_TOKEN=…; the embedded Sortie's is in DATA/token (.sortie/token), a deployment's is made with: sortie token NAME",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so not Sortie's: a proxy's page, say. The status is told.
    return undefined;
  }
}
