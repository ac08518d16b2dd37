import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import * as z from 'zod';
import { RunDetail, RunList, StopRequest } from '../../domain/api/run.ts';
import type { ResolvedTask } from '../../domain/configuration/normalized.ts';
import { stopRun } from '../../domain/coordination/stop-run.ts';
import { type SubmitRefusal, submit } from '../../domain/coordination/submit.ts';
import { type RunId, runId } from '../../domain/kernel/ids.ts';
import { hasSecrets, secretsOf } from '../../domain/run/secrets.ts';
import { storedTask } from '../../domain/run/stored-task.ts';
import { Run, runList } from '../../domain/run/stream.ts';
import { activePage } from './active-runs.ts';
import { type Api, type Ctx, type Env, provenance, type Routes } from './context.ts';
import { findRun, runDetail } from './find-run.ts';
import { fleetFor } from './fleet.ts';
import { badCursor } from './instances.ts';
import { type Refused, refuse } from './problems.ts';
import { bodyOf, configurationOf, ListQuery, queryOf, resolved } from './request.ts';
import { withInstances } from './with-instances.ts';

export const IdempotencyKey = z.string().min(1).max(255);

/** The fleets that a new run is for, one of them first, and the run with what it asks of that one by name. */
async function placed(api: Api, c: Ctx, written: ResolvedTask) {
  const fleet = await fleetFor(api, c, written);
  return { fleet: fleet.name, fleets: fleet.fleets, task: await withInstances(api, c, fleet, written) };
}

export const runRoutes = (api: Api): Routes =>
  new Hono<Env>()
    .post('/', async (c) => {
      const caller = c.var.caller;
      const written = resolved(await configurationOf(c));
      const key = c.req.header('idempotency-key');
      if (key !== undefined && !IdempotencyKey.safeParse(key).success)
        throw refuse(400, 'invalid-idempotency-key', 'an Idempotency-Key is 1 to 255 characters');
      const id = key === undefined ? runId(api.runtime.ulid()) : idOfKey(caller.project, key);
      const before = await api.store.load(Run, id);
      // A run that was accepted is answered with as it is, whatever has become of its fleet since.
      const { fleet, fleets, task } = before.state
        ? { fleet: before.state.fleet, fleets: [], task: written }
        : await placed(api, c, written);
      const configuration = storedTask(task);
      const { name, fleets: named } = written;
      const fingerprint = sha256(
        JSON.stringify({ configuration: storedTask(written), name, ...(named && { fleets: named }) }),
      );
      // Sealed before the run exists: an accepted run never lacks its secrets.
      if (before.state === undefined && hasSecrets(configuration))
        await api.bundles.seal(id, secretsOf(task, api.newSshKeys));
      const submitted = await submit(api, provenance(caller, id), {
        id,
        name: task.name ?? undefined,
        project: caller.project,
        user: caller.user,
        fleet,
        fleets,
        configuration,
        fingerprint,
      });
      if (!submitted.ok) throw await refused(api, id, submitted.error);
      c.header('location', `/v1/runs/${id}`);
      return c.json(await runDetail(api, id), submitted.value.created === 'now' ? 201 : 200);
    })

    .get('/', async (c) => {
      const { status, limit, cursor } = queryOf(c, ListQuery);
      const { project } = c.var.caller;
      if (status === 'active')
        return c.json(RunList.parse(await activePage(api.store, project, limit, cursor)));
      const page = await api.store.list(runList(project), limit, cursor);
      if (page === 'bad-cursor') throw badCursor();
      return c.json(
        RunList.parse({ runs: page.items.map(({ view }) => view), ...(page.next && { next: page.next }) }),
      );
    })

    .get('/:run', async (c) => {
      const { id } = await findRun(api, c.var.caller, c.req.param('run'));
      return c.json(RunDetail.parse(await runDetail(api, id)));
    })

    .post('/:run/stop', async (c) => {
      const { id, name } = await findRun(api, c.var.caller, c.req.param('run'));
      const { mode } = await bodyOf(c, StopRequest);
      const stopped = await stopRun(api, provenance(c.var.caller, id), id, mode);
      if (!stopped.ok && stopped.error.kind === 'already-finished')
        throw refuse(
          409,
          'already-finished',
          `run ${name} has finished already; see how: sortie why ${name}`,
        );
      return c.json(RunDetail.parse(await runDetail(api, id)), 202);
    });

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The same key in the same project is the same run: its id is made of the key. */
function idOfKey(project: string, key: string): RunId {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  const bytes = createHash('sha256').update(`${project}\n${key}`).digest();
  return runId(Array.from(bytes.subarray(0, 26), (byte) => alphabet[byte % 32]).join(''));
}

async function refused(api: Api, id: RunId, refusal: SubmitRefusal): Promise<Refused> {
  switch (refusal.kind) {
    case 'key-reused':
      return refuse(
        409,
        'idempotency-key-reused',
        'this Idempotency-Key was used for another configuration',
        {
          run: refusal.run,
        },
      );
    case 'name-taken': {
      await api.bundles.eraseSeal(id);
      const { name, run } = refusal;
      const detail = `a run named ${name} is not finished yet; stop it (sortie stop ${name}) or choose another name`;
      return refuse(409, 'name-taken', detail, { run });
    }
  }
}
