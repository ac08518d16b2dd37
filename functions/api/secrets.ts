import { Hono } from 'hono';
import { type SecretChange, SecretList, SecretName, SecretRequest } from '../../domain/api/secret.ts';
import type { TaskConfiguration } from '../../domain/configuration/normalized.ts';
import { iso } from '../../domain/kernel/instant.ts';
import { placesOfSecrets } from '../../domain/run/secrets.ts';
import { wrongSecret } from '../../domain/secrets/secret.ts';
import type { Api, Ctx, Env, Routes } from './context.ts';
import { badCursor } from './instances.ts';
import { invalidConfiguration, refuse } from './problems.ts';
import { bodyOf, fieldPath, PageQuery, queryOf } from './request.ts';

/** JSON may write each byte of a value as `\u0001`. */
const MOST_BYTES = 32 * 1024;

/** The secrets of a project: every user of it may set, list and delete them, and nobody reads one back. */
export const secretRoutes = (api: Api): Routes =>
  new Hono<Env>()
    .get('/', async (c) => {
      const { limit, cursor } = queryOf(c, PageQuery);
      const page = await api.secrets.list(c.var.caller.project, limit, cursor);
      if (page === 'bad-cursor') throw badCursor();
      const secrets = page.items.map(({ name, set_at }) => ({ name, set_at: iso(set_at) }));
      return c.json(SecretList.parse({ secrets, ...(page.next && { next: page.next }) }));
    })

    .post('/', async (c) => {
      const { name, value } = await bodyOf(c, SecretRequest, MOST_BYTES);
      const [message, hint] = wrongSecret(value)?.split('\n') ?? [];
      if (message !== undefined)
        throw refuse(400, 'invalid-body', `value: ${message}${hint === undefined ? '' : `; ${hint}`}`, {
          errors: [{ path: ['value'], message, ...(hint !== undefined && { hint }) }],
        });
      const outcome = await api.secrets.set({ project: c.var.caller.project, name }, value);
      switch (outcome) {
        case 'full':
          throw refuse(
            409,
            'too-many-secrets',
            `the account has as many parameters as it may (10,000), so ${name} is not kept; delete others: sortie secret delete NAME`,
          );
        case 'busy':
          throw refuse(
            409,
            'secret-busy',
            `secret ${name} is being set by somebody else at this moment; set it again: sortie secret set ${name}`,
          );
        case 'created':
        case 'replaced':
          return c.json({ name, outcome } satisfies SecretChange, outcome === 'created' ? 201 : 200);
      }
    })

    .delete('/:name', async (c) => {
      const name = SecretName.safeParse(c.req.param('name'));
      const removed =
        name.success && (await api.secrets.remove({ project: c.var.caller.project, name: name.data }));
      if (!name.success || removed === 'missing')
        throw refuse(
          404,
          'no-secret',
          `there is no secret ${JSON.stringify(c.req.param('name'))}; list them with: sortie secret list`,
        );
      return c.json({ name: name.data, outcome: 'deleted' } satisfies SecretChange);
    });

/** Refuses a run that names secrets which its project has not: no job of it could start. */
export async function requireSecrets(api: Api, c: Ctx, task: TaskConfiguration): Promise<void> {
  const places = placesOfSecrets(task);
  if (places.length === 0) return;
  const missing = await api.secrets.missing(
    c.var.caller.project,
    places.map(({ name }) => name),
  );
  const problems = places
    .filter(({ name }) => missing.includes(name))
    .map(({ path, name }) => ({
      path: fieldPath(c, ...path),
      message: `there is no secret ${name} in project ${c.var.caller.project}`,
      hint: `sortie secret set ${name}`,
    }));
  if (problems.length > 0) throw invalidConfiguration(problems);
}
