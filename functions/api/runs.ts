import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import * as z from 'zod';
import { RunDetail, RunList, StopRequest } from '../../domain/api/run.ts';
import type { ResolvedTask } from '../../domain/configuration/normalized.ts';
import { stopRun } from '../../domain/coordination/stop-run.ts';
import {
  again,
  runWithKey,
  type SubmitRefusal,
  type Submitted,
  submit,
} from '../../domain/coordination/submit.ts';
import { runId } from '../../domain/kernel/ids.ts';
import { hasSecrets, secretsOf } from '../../domain/run/secrets.ts';
import { storedTask } from '../../domain/run/stored-task.ts';
import { Run, runList } from '../../domain/run/stream.ts';
import { activePage } from './active-runs.ts';
import { codeOf } from './code.ts';
import { type Api, type Caller, type Ctx, type Env, provenance, type Routes } from './context.ts';
import { findRun, jobsOf, runDetail, runWithJobs } from './find-run.ts';
import { fleetFor } from './fleet.ts';
import { badCursor } from './instances.ts';
import { requireKnownNames } from './known-names.ts';
import { nameTaken, type Refused, refuse } from './problems.ts';
import { bodyOf, ListQuery, queryOf, resolved, submissionOf } from './request.ts';
import { requireSecrets } from './secrets.ts';
import { withInstances } from './with-instances.ts';

export const IdempotencyKey = z.string().min(1).max(255);

/** The fleets that a new run is for, one of them first, and the run with what it asks of that one by name. */
async function placed(api: Api, c: Ctx, written: ResolvedTask) {
  await requireKnownNames(api, c, written);
  await requireSecrets(api, c, written);
  const fleet = await fleetFor(api, c, written);
  return { fleet: fleet.name, fleets: fleet.fleets, task: await withInstances(api, c, fleet, written) };
}

export const runRoutes = (api: Api): Routes =>
  new Hono<Env>()
    .post('/', async (c) => {
      const caller = c.var.caller;
      const { task: sent, code: archive } = await submissionOf(c);
      const written = resolved(sent);
      const key = c.req.header('idempotency-key');
      if (key !== undefined && !IdempotencyKey.safeParse(key).success)
        throw refuse(400, 'invalid-idempotency-key', 'an Idempotency-Key is 1 to 255 characters');
      const idempotencyKey = key && aliasKeyOf(caller, key);
      const { name, fleets: named } = written;
      const fingerprint = sha256(
        JSON.stringify({
          ...{ configuration: storedTask(written), name },
          ...(named && { fleets: named }),
          ...(archive && { code: archive.sha256 }),
        }),
      );
      // A run that was accepted is answered with as it is, whatever has become of its fleet since.
      const [before, place] = await Promise.allSettled([
        runWithKey(api.store, api.store.load, idempotencyKey),
        placed(api, c, written),
      ]);
      if (before.status === 'rejected') throw before.reason;
      if (before.value !== undefined) return answered(api, c, again(before.value, { fingerprint }));
      if (place.status === 'rejected') throw place.reason;

      const code = await codeOf(api, c, written, archive);
      const { fleet, fleets, task } = place.value;
      const configuration = storedTask(task);
      const [id, seal] = [runId(api.runtime.ulid()), api.runtime.ulid()];
      // Sealed before the run exists: an accepted run never lacks its secrets.
      const secret = hasSecrets(configuration);
      if (secret) await api.bundles.seal({ run: id, seal }, secretsOf(task, api.newSshKeys));
      const submitted = await submit(api, provenance(caller, id), {
        id,
        seal,
        code,
        name: task.name ?? undefined,
        project: caller.project,
        user: caller.user,
        fleet,
        fleets,
        configuration,
        fingerprint,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      });
      // Its own alone: the run that was accepted before it has another.
      if (secret && !(submitted.ok && submitted.value.created === 'now'))
        await api.bundles.eraseSeal({ run: id, seal });
      return answered(api, c, submitted);
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
      const { run, jobs } = await runWithJobs(api, c.var.caller, c.req.param('run'));
      return c.json(RunDetail.parse(await runDetail(api, run, jobs)));
    })

    .post('/:run/stop', async (c) => {
      const found = await findRun(api, c.var.caller, c.req.param('run'));
      const { id, name } = found;
      const { mode } = await bodyOf(c, StopRequest);
      const stopped = await stopRun(api, provenance(c.var.caller, id), id, mode);
      if (!stopped.ok && stopped.error.kind === 'already-finished')
        throw refuse(
          409,
          'already-finished',
          `run ${name} has finished already; see how: sortie why ${name}`,
        );
      const [{ state: run = found }, jobs] = await Promise.all([api.store.load(Run, id), jobsOf(api, found)]);
      return c.json(RunDetail.parse(await runDetail(api, run, jobs)), 202);
    });

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A key belongs to a user of a project. Hashed: a DynamoDB key takes 2,048 bytes at most, and `/` separates its parts. */
const aliasKeyOf = ({ project, user }: Caller, key: string): string => `${project}/${user}/${sha256(key)}`;

async function answered(api: Api, c: Ctx, submitted: Submitted): Promise<Response> {
  if (!submitted.ok) throw refusedBecause(submitted.error);
  const { id, run, created } = submitted.value;
  c.header('location', `/v1/runs/${id}`);
  const jobs = created === 'now' ? submitted.value.jobs : await jobsOf(api, run);
  return c.json(await runDetail(api, run, jobs), created === 'now' ? 201 : 200);
}

function refusedBecause(refusal: SubmitRefusal): Refused {
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
    case 'name-taken':
      return nameTaken(refusal.name, refusal.run);
  }
}
