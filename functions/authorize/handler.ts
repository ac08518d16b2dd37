import { createHash, timingSafeEqual } from 'node:crypto';
import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import { readEnvironment } from '../../infra/environment/read.ts';
import { Environment } from './environment.ts';

const { SORTIE_TOKENS: known } = readEnvironment(Environment, process.env);

/** One project for now; it is in every key already. */
const PROJECT = 'main';

type Answer = APIGatewaySimpleAuthorizerWithContextResult<{ user: string; project: string }>;

/** Who calls, by the SHA-256 of the bearer token: the deployment never holds the token itself. */
export async function handler(event: APIGatewayRequestAuthorizerEventV2): Promise<Answer> {
  const token = /^Bearer (\S+)$/i.exec(event.headers?.['authorization'] ?? '')?.[1];
  if (token === undefined) return { isAuthorized: false, context: { user: '', project: PROJECT } };
  const given = createHash('sha256').update(token).digest();
  // Every token is compared, so that the time taken says nothing of which one came close.
  const [caller] = known.filter(({ sha256 }) => timingSafeEqual(Buffer.from(sha256, 'hex'), given));
  return { isAuthorized: caller !== undefined, context: { user: caller?.user ?? '', project: PROJECT } };
}
