import { SECOND } from '../../domain/kernel/instant.ts';
import type { Deployment } from './deployment.ts';
import type { Scene } from './scene.ts';

export const json = (body: unknown, headers: Record<string, string> = {}, method = 'POST'): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});

/** Until there is an answer. */
export async function ask(
  { time }: Pick<Scene, 'time'>,
  sortie: Deployment,
  path: string,
  body: object,
  method: 'POST' | 'DELETE' = 'POST',
): Promise<number> {
  for (;;) {
    const answer = await sortie.request(path, json(body, {}, method));
    if (answer !== 'died' && answer.status !== 500) return answer.status;
    await time.after(2 * SECOND);
  }
}
