// Where metrics are asked for first it is loaded first, which takes real time: virtual time does not wait for it.
import 'prom-client';
import { SECOND } from '../../domain/kernel/instant.ts';
import type { Deployment } from './deployment.ts';
import type { Scene } from './scene.ts';
import type { Watch } from './watch.ts';

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

const shown = ['fleets', 'instances', 'queue', 'metrics', 'dead-letters', 'runs'];

/** Everything that there is to see is shown, and each run says why it ended as it did. */
export async function askForAll(sortie: Deployment, runs: readonly string[], watch: Watch): Promise<void> {
  for (const path of [...shown, ...runs.map((run) => `runs/${run}/why`)]) {
    const answer = await sortie.request(`/v1/${path}`, {});
    if (answer === 'died' || answer.status !== 200)
      watch.violated('not answered', `GET /v1/${path}: ${answer === 'died' ? answer : answer.status}`);
  }
}
