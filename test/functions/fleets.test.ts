import { describe, expect, it } from 'vitest';
import { FleetDetail, FleetPlan } from '../../domain/api/fleet.ts';
import { FleetOperation } from '../../domain/api/operation.ts';
import { runId } from '../../domain/kernel/ids.ts';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { FLEET } from '../domain/given.ts';
import { catalogueOf, saving, type } from '../domain/planning/given.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const configuration = (fields: Record<string, unknown> = {}) => ({
  configuration: { type: 'fleet', name: 'small', ...fields },
});

describe('a fleet over HTTP', () => {
  it('is planned, created, listed, shown, changed in place and deleted', async () => {
    const sortie = inMemorySortie();
    const wanted = configuration({ nodes: '0..3', resources: { cpu: '2..' } });
    const planned = await sortie.request('POST', '/v1/fleets?dry_run=true', wanted);
    expect(FleetPlan.parse(planned.body)).toMatchObject({ name: 'small', action: 'create' });
    expect((await sortie.request('GET', '/v1/fleets/small')).status).toBe(404);

    const created = await sortie.request('POST', '/v1/fleets', wanted);
    expect(created.status).toBe(201);
    expect(FleetDetail.parse(created.body)).toMatchObject({
      status: 'active',
      instances: 0,
      limits: { instances: 3 },
    });
    expect((await sortie.request('POST', '/v1/fleets', wanted)).status).toBe(200);
    expect(sortie.told('Fleet')).toEqual(['FleetCreated', 'FleetConfigured']);

    const wider = configuration({ nodes: '0..5', resources: { cpu: '2..' } });
    const change = FleetPlan.parse((await sortie.request('POST', '/v1/fleets?dry_run=true', wider)).body);
    expect(change).toMatchObject({
      action: 'change',
      changes: [
        { field: 'nodes', from: '0..3', to: '0..5' },
        { field: 'limits.instances', from: '3', to: '5' },
      ],
    });
    await sortie.request('POST', '/v1/fleets', wider);
    expect((await sortie.request('GET', '/v1/fleets')).body).toMatchObject({
      fleets: [{ name: 'small', limits: { instances: 5 } }],
    });

    expect(await sortie.request('DELETE', '/v1/fleets/small')).toMatchObject({
      status: 202,
      body: { status: 'deleted' },
    });
    expect(await sortie.request('DELETE', '/v1/fleets/small')).toMatchObject({ status: 202 });
    expect((await sortie.request('GET', '/v1/fleets')).body).toEqual({ fleets: [] });
    expect((await sortie.request('GET', '/v1/fleets/small')).body).toMatchObject({ status: 'deleted' });
    expect(sortie.told('Fleet').at(-1)).toBe('FleetDeleted');
    await expectSound(sortie);
  });

  it('that is wrong is refused, each field by its path', async () => {
    const sortie = inMemorySortie();
    const wrong = configuration({ nodes: '4..1', max_prize: 2, limits: { budget: 0 } });
    const { status, body } = await sortie.request('POST', '/v1/fleets', wrong);
    expect(status).toBe(422);
    expect((body['errors'] as { path: string[] }[]).map(({ path }) => path)).toEqual([
      ['configuration', 'nodes'],
      ['configuration', 'limits', 'budget'],
      ['configuration', 'max_prize'],
    ]);
    const task = { configuration: { type: 'task', commands: ['true'] } };
    expect((await sortie.request('POST', '/v1/fleets', task)).body).toMatchObject({
      errors: [{ path: ['configuration', 'type'], message: 'must be `fleet`, not "task"' }],
    });
    expect((await sortie.request('POST', '/v1/runs', configuration())).body).toMatchObject({
      errors: [{ path: ['configuration', 'type'], message: 'a fleet is no run' }],
    });
    expect(sortie.store.commits).toEqual([]);
  });

  it('called default is where runs go that name none: it is changed, not deleted', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ name: 'default', nodes: '0..1' });
    const runs = [await sortie.submit(), await sortie.submit()];
    await sortie.until('done', finished(sortie, ...runs));
    expect(sortie.machines()).toHaveLength(1);
    expect(await sortie.request('DELETE', '/v1/fleets/default')).toMatchObject({
      status: 409,
      body: { type: 'urn:sortie:problem:default-fleet' },
    });
  });
});

describe('a run in a fleet', () => {
  it('goes to the fleet it names, and takes no instance of another', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ tags: { team: 'vision' }, idle_duration: '30m' });
    const elsewhere = await sortie.submit();
    await sortie.until('done', finished(sortie, elsewhere));
    const run = await sortie.submit({ fleets: ['small'], tags: { own: 'x' } });
    await sortie.until('done', finished(sortie, run));
    expect((await sortie.instances()).map(({ fleet }) => fleet)).toEqual([FLEET, 'small']);
    expect(sortie.machines()[1]?.intent).toMatchObject({
      fleet: 'small',
      tags: { team: 'vision', own: 'x' },
    });
    // The run would let it idle for 5 minutes, its fleet for 30.
    await sortie.pass(20 * MINUTE);
    expect(sortie.machines().map(({ state }) => state)).toEqual(['terminated', 'running']);
    await sortie.pass(15 * MINUTE);
    expect(sortie.machines().map(({ state }) => state)).toEqual(['terminated', 'terminated']);
    await expectSound(sortie);
  });

  it('submitted again by its key is the run that it is, whatever has become of its fleet', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({});
    const task = { configuration: { type: 'task', commands: ['true'], fleets: ['small'] } };
    const submit = () => sortie.request('POST', '/v1/runs', task, { 'idempotency-key': 'once' });
    const { body } = await submit();
    await sortie.until('done', finished(sortie, runId(String(body['id']))));
    expect((await sortie.request('DELETE', '/v1/fleets/small')).status).toBe(202);
    expect(await submit()).toMatchObject({ status: 200, body: { id: body['id'], status: 'done' } });
    const other = await sortie.request('POST', '/v1/runs', task, { 'idempotency-key': 'another' });
    expect(other.status).toBe(422);
  });

  it('gets only what both of them let in', async () => {
    const catalogue = catalogueOf(
      type('m5.xlarge', { spot: saving(50) }),
      type('m6i.xlarge', { onDemandPrice: 1.1 }),
      type('m6i.2xlarge', { vcpus: 8, onDemandPrice: 2 }),
    );
    const sortie = inMemorySortie({ catalogue });
    const fields = {
      spot_policy: 'on-demand',
      availability_zones: ['us-east-1b'],
      instance_types: ['m6i.xlarge', 'm6i.2xlarge'],
    };
    await sortie.apply({ ...fields, resources: { disk: '200GB..' } });
    const run = await sortie.submit({ fleets: ['small'], spot_policy: 'auto' });
    await sortie.until('done', finished(sortie, run));
    expect(sortie.machines().map(({ intent }) => intent.offer)).toMatchObject([
      { instance_type: 'm6i.xlarge', zone: 'us-east-1b', spot: 'on-demand', resources: { disk_gib: 200 } },
    ]);
    const never = await sortie.submit({ fleets: ['small'], max_price: 1 });
    await sortie.until('over', finished(sortie, never));
    expect((await sortie.job(never)).phase).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('no offer fits'),
    });
  });

  it('waits for the limit that it names', async () => {
    const sortie = inMemorySortie({ behaviour: { commands: 300 } });
    await sortie.apply({ limits: { vcpus: 4 } });
    const [first, second] = [
      await sortie.submit({ fleets: ['small'] }),
      await sortie.submit({ fleets: ['small'] }),
    ];
    await sortie.until('it runs', async () => (await sortie.job(first)).phase.kind === 'running');
    await sortie.drain();
    expect((await sortie.job(second)).phase).toMatchObject({
      wait: { kind: 'fleet_limit', message: "the fleet's 4 vCPUs leave no room for 4 more" },
    });
    const elsewhere = await sortie.submit();
    await sortie.until('done', finished(sortie, first, second, elsewhere));
    await expectSound(sortie);
  });

  it('that no instance under its limits could ever hold fails at once', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ limits: { vcpus: 2 } });
    const run = await sortie.submit({ fleets: ['small'] });
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({
      message: expect.stringContaining('asked ..2 (fleet)'),
    });
  });

  it('is refused where there is no such fleet, or it cannot take the run', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ limits: { budget: 10 } });
    const submit = (fields: Record<string, unknown>) =>
      sortie.request('POST', '/v1/runs', { configuration: { type: 'task', commands: ['true'], ...fields } });
    expect(await submit({ fleets: ['nowhere'] })).toMatchObject({
      status: 422,
      body: { errors: [{ path: ['configuration', 'fleets', 0], message: 'there is no fleet nowhere' }] },
    });
    expect(await submit({ fleets: ['small'] })).toMatchObject({
      status: 422,
      body: {
        errors: [{ path: ['configuration', 'max_duration'], hint: 'write max_duration: 1h, for instance' }],
      },
    });
    expect((await submit({ fleets: ['nowhere', 'small'], max_duration: '1h' })).status).toBe(201);
  });

  it('goes to the first of several that has an offer for it', async () => {
    const sortie = inMemorySortie();
    await sortie.apply({ name: 'arm', resources: { cpu: 'arm' } });
    await sortie.apply({});
    const run = await sortie.submit({ fleets: ['arm', 'small'] });
    expect((await sortie.run(run)).fleet).toBe('small');
  });
});

describe('deleting a fleet', () => {
  it('is refused while runs use it, naming them; then its instances end and it takes no more', async () => {
    const sortie = inMemorySortie();
    const fleet = await sortie.apply({ idle_duration: 'off' });
    const run = await sortie.submit({ fleets: ['small'], name: 'busy' });
    await sortie.until('it runs', async () => (await sortie.job(run)).phase.kind === 'running');
    const refused = await sortie.request('DELETE', '/v1/fleets/small');
    expect(refused).toMatchObject({ status: 409, body: { type: 'urn:sortie:problem:fleet-in-use' } });
    expect(refused.body['detail']).toContain('busy');
    await sortie.until('done', finished(sortie, run));

    expect((await sortie.request('DELETE', '/v1/fleets/small')).body).toMatchObject({ status: 'deleting' });
    const again = { configuration: { type: 'task', commands: ['true'], fleets: ['small'] } };
    expect((await sortie.request('POST', '/v1/runs', again)).status).toBe(422);
    expect(await sortie.request('POST', '/v1/fleets', configuration())).toMatchObject({
      status: 409,
      body: { type: 'urn:sortie:problem:fleet-still-ending' },
    });
    await sortie.until('gone', async () => (await sortie.fleet(fleet)).reservations.length === 0, 5 * MINUTE);
    expect(sortie.machines()[0]?.state).toBe('terminated');
    await expectSound(sortie);
    expect((await sortie.request('POST', '/v1/fleets', configuration())).status).toBe(201);
    await expectSound(sortie);
  });

  it('leaves a fleet that takes no order, while its instances end and after', async () => {
    const sortie = inMemorySortie();
    const fleet = await sortie.apply({ nodes: 1 });
    await sortie.until('up', () => sortie.machines().some(({ state }) => state === 'running'));
    await sortie.request('DELETE', '/v1/fleets/small');
    const told = sortie.told('Fleet').length;
    for (const order of FleetOperation.options)
      expect(await sortie.request('POST', `/v1/fleets/small/${order}`, {})).toMatchObject({
        status: 409,
        body: {
          type: 'urn:sortie:problem:deleted-fleet',
          detail:
            'fleet small was deleted and takes no orders; its last instances (1) are ending: sortie fleet show small',
        },
      });
    expect(sortie.told('Fleet')).toHaveLength(told);
    expect((await sortie.request('GET', '/v1/fleets')).body).toMatchObject({
      fleets: [{ name: 'small', status: 'deleting' }],
    });
    await sortie.until('gone', async () => (await sortie.fleet(fleet)).reservations.length === 0, 5 * MINUTE);
    for (const order of FleetOperation.options)
      expect((await sortie.request('POST', `/v1/fleets/small/${order}`, {})).status).toBe(409);
    expect((await sortie.request('GET', '/v1/fleets')).body).toEqual({ fleets: [] });
    await expectSound(sortie);
  });

  it('overtaken by a run leaves nobody waiting for it', async () => {
    const sortie = inMemorySortie({ indexBehind: 1 });
    await sortie.apply({});
    const run = await sortie.submit({ fleets: ['small'] });
    expect((await sortie.request('DELETE', '/v1/fleets/small')).status).toBe(202);
    await sortie.until('over', finished(sortie, run));
    expect((await sortie.job(run)).phase).toMatchObject({
      status: 'failed',
      message: 'fleet small was deleted',
    });
    await expectSound(sortie);
  });
});
