import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { FleetList, InstanceList } from '../../domain/api/instance.ts';
import { OfferList, RunPlan } from '../../domain/api/plan.ts';
import { EventList, RunDetail, RunList } from '../../domain/api/run.ts';
import { Instance } from '../../domain/instance/stream.ts';
import { FleetName, runId } from '../../domain/kernel/ids.ts';
import { Run } from '../../domain/run/stream.ts';
import { T0 } from '../domain/given.ts';
import { final, textOf } from '../end-to-end/fixtures/client.ts';
import { golden } from '../golden/golden-events.ts';
import { append, createFleet, ulid } from '../infra/dynamodb/given-streams.ts';
import { PATIENCE_MS } from '../patience.ts';
import { given } from './sortie.ts';

const { world, file, client, start, sortie, sortieWith } = given();

const QUICK = 'type: task\nname: quick\ncommands:\n  - echo quick\n';
const LONG =
  'type: task\nname: long\nstop_duration: 10s\ncommands:\n  - echo begun\n  - while true; do sleep 0.05; done\n';

beforeEach(() => {
  file('quick.yaml', QUICK);
  file('long.yaml', LONG);
});
async function quick(): Promise<void> {
  const { id } = await client().submit({ name: 'quick', commands: ['echo quick'] });
  await client().until(id, 'over', final);
}
/** Running, and known to be. */
async function long(): Promise<void> {
  const commands = ['echo begun', 'while true; do sleep 0.05; done'];
  const { id } = await client().submit({ name: 'long', stop_duration: '10s', commands });
  await expect
    .poll(async () => textOf(await client().logsSoFar(id)), { timeout: PATIENCE_MS })
    .toBe('begun\n');
}
const requested = (fleet: string) => ({
  ...golden('InstanceRequested'),
  ...{ fleet: FleetName.parse(fleet), project: 'main' },
});
const colours = new RegExp(String.fromCharCode(27));

describe('a command that others call so', () => {
  test.each([
    ['status', 'sortie ps'],
    ['cancel', 'sortie stop RUN'],
    ['rm', 'sortie stop RUN'],
  ])('%s is answered with ours', async (word, ours) => {
    const { code, stderr } = await sortie(word, 'hello');
    expect([code, stderr]).toEqual([2, expect.stringContaining(`there is no command ${word}`)]);
    expect(stderr).toContain(ours);
  });
});

describe('sortie ps', () => {
  test('says how to begin where there is nothing', async () => {
    expect(await sortie('ps')).toMatchObject({ code: 0, stdout: expect.stringContaining('sortie apply -f') });
  });

  test('lists what has not ended; with -a all, page by page', async () => {
    await quick();
    expect((await sortie('ps')).stdout).toMatch(
      /^NAME +STATUS +ID .*\nquick +done +0\w{9,} .*\$[\d.]+ +(just now|\d+s ago)\n$/,
    );
    await long();
    expect((await sortie('ps')).stdout).toMatch(/^NAME .*\nlong +running .*\n$/);

    const page = await sortie('ps', '-a', '-n', '1');
    expect((await sortie('ps', '-n', '1')).stderr).toBe(page.stderr);
    expect(page.stdout).toMatch(/^NAME .*\nlong .*\n$/);
    const [, cursor = ''] = /older ones: sortie ps -a -n 1 --cursor (.+)\n/.exec(page.stderr) ?? [];
    expect((await sortie('ps', '-a', '-n', '1', '--cursor', cursor)).stdout).toMatch(/^NAME .*\nquick .*\n$/);
  });

  test('shows all that have not ended, the newest first, however many pages of the API’s they are', async () => {
    for (let n = 0; n < 201; n++) {
      const id = runId(ulid(n));
      await append(world.sortie.store, Run, id, [{ ...golden('RunSubmitted'), id, project: 'main' }], T0 + n);
    }
    const { runs } = RunList.parse(JSON.parse((await sortie('ps', '--json')).stdout));
    expect(runs.map(({ submitted_at }) => Date.parse(submitted_at) - T0)).toEqual(
      Array.from({ length: 201 }, (_, n) => 200 - n),
    );
  });

  test('with -w shows them again when they change', async () => {
    const watch = start(['ps', '-w']);
    await watch.said('no runs yet');
    await quick();
    await watch.said('quick');
    watch.signal('SIGINT');
    expect((await watch.ended).code).toBe(0);
  });

  test('does not colour what is piped, whatever the environment suggests', async () => {
    await quick();
    const { stdout } = await sortieWith({ env: { CI: 'true', FORCE_COLOR: '1', TERM: 'xterm' } }, 'ps');
    expect(stdout).not.toMatch(colours);
  });
});

describe('sortie logs', () => {
  test('prints what there is', async () => {
    await quick();
    expect(await sortie('logs', 'quick')).toEqual({ code: 0, stdout: 'quick\n', stderr: '' });
  });

  test('with -f goes on until the job has ended', async () => {
    await long();
    expect(await sortie('logs', 'long')).toMatchObject({ code: 0, stdout: 'begun\n' });
    const logs = start(['logs', 'long', '-f']);
    await logs.said('begun');
    await sortie('stop', 'long', '-y');
    expect(await logs.ended).toMatchObject({ code: 0, stdout: 'begun\n' });
  });

  test('knows how many jobs there are', async () => {
    await quick();
    const { code, stderr } = await sortie('logs', 'quick', '--job', '4');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: run quick has one job, number 0\n' });
    expect((await sortie('logs', 'quick', '--job', 'x')).code).toBe(2);
  });
});

describe('sortie stop', () => {
  test('interrupted before it is answered says that it may have been told, and that twice does no harm', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const stop = start(['stop', 'long', '-x', '-y'], { env: { SORTIE_URL: `http://127.0.0.1:${port}` } });
    await stop.said('stopping…');
    stop.signal('SIGINT');
    expect(await stop.ended).toMatchObject({
      code: 130,
      stderr: expect.stringMatching(/\nlong may have been told to stop, or not; .*: sortie stop long -x\n$/),
    });
    silent.closeAllConnections();
    silent.close();
  });

  test('stops, and waits for the end', async () => {
    await long();
    const { code, stderr } = await sortie('stop', 'long', '-y');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^long was terminated, after [\d.]+s$/m);
  });

  test('with -x aborts', async () => {
    await long();
    const { code, stdout } = await sortie('stop', 'long', '-x', '-y', '--json');
    expect(code).toBe(0);
    expect(RunDetail.parse(JSON.parse(stdout))).toMatchObject({
      status: 'aborted',
      termination_reason: 'aborted_by_user',
    });
  });

  test('says the word for its end that why and ps say', async () => {
    await long();
    expect((await sortie('stop', 'long', '-x', '-y')).stderr).toMatch(/^long was aborted, after/m);
    expect((await sortie('why', 'long')).stdout).toMatch(/^long {2}aborted: /);
    expect((await sortie('ps', '-a')).stdout).toMatch(/\nlong +aborted /);
  });

  test('without a terminal to ask on wants -y', async () => {
    await long();
    const { code, stderr } = await sortie('stop', 'long');
    expect(code).toBe(2);
    expect(stderr).toContain('next: add -y');
    expect((await sortie('ps')).stdout).toMatch(/^long +running/m);
  });

  test('of a run that has ended says so', async () => {
    await quick();
    const { code, stderr } = await sortie('stop', 'quick', '-y');
    expect(code).toBe(1);
    expect(stderr).toContain('error: run quick has finished already; see how: sortie why quick');
  });

  test('tells `apply` how it ended', async () => {
    const apply = start(['apply', '-f', 'long.yaml', '-y']);
    await apply.said('begun');
    await sortie('stop', 'long', '-y');
    const { code, stderr } = await apply.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^long was terminated after [\d.]+s: /m);
  });
});

describe('sortie plan and offer', () => {
  test('plan lists offers and records nothing', async () => {
    const { code, stdout } = await sortie('plan', '-f', 'quick.yaml', '-n', '2');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# +INSTANCE TYPE .*\n1 .*\n2 .*\n {3}… and [\d,]+ more offers\n/);
    expect(stdout).toContain('No max_duration: as long as it runs, at most $0.1350/h.');
    expect([...world.sortie.store.heads]).toEqual([]);
  });

  test('offers are filtered in the notation of a configuration', async () => {
    const filters = ['--gpu', '24GB..', '--cpu', '8..', '--spot', '--zone', 'us-east-1a', '--max-price', '2'];
    const { stdout } = await sortie('offer', ...filters, '--json');
    const { plan } = OfferList.parse(JSON.parse(stdout));
    expect(plan.offers.length).toBeGreaterThan(0);
    for (const { zone, spot, price, resources } of plan.offers) {
      expect({ zone, spot }).toEqual({ zone: 'us-east-1a', spot: 'spot' });
      expect(price).toBeLessThanOrEqual(2);
      expect(resources.cpus).toBeGreaterThanOrEqual(8);
      expect(resources.gpus).toHaveLength(1);
    }
  });

  test('types may be repeated', async () => {
    const { stdout } = await sortie(
      'offer',
      '--instance-type',
      'm5.large',
      '--instance-type',
      'c5.large',
      '--json',
    );
    const types = OfferList.parse(JSON.parse(stdout)).plan.offers.map(({ instance_type }) => instance_type);
    expect(new Set(types)).toEqual(new Set(['m5.large', 'c5.large']));
  });

  test('a filter that is no resource is named', async () => {
    const { code, stderr } = await sortie('offer', '--memory', 'lots');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: resources\.memory: /);
  });
});

describe('sortie event, instance and fleet', () => {
  test('event tells the story in order', async () => {
    await quick();
    const { stdout } = await sortie('event', 'quick');
    const types = stdout
      .split('\n')
      .flatMap((line) => (/(?:user|function):\w+|runner/.test(line) ? [line] : []));
    expect(types[0]).toMatch(/Run +RunSubmitted +user:ada/);
    expect(stdout).toMatch(
      /InstanceRequested[\s\S]*InstanceLaunched[\s\S]*SubmissionStarted[\s\S]*RunFinished/,
    );
  });

  test('instance and fleet list what is up', async () => {
    expect((await sortie('instance')).stdout).toContain('sortie instance -a');
    await quick();
    expect((await sortie('instance')).stdout).toMatch(/\ni-\w+ +default +idle +\S+ +us-east-1\w +on-demand/);
    expect((await sortie('fleet')).stdout).toMatch(/\ndefault +1 of 3 +\$/);
  });

  test('a list of more than one page is listed whole', async () => {
    const { store } = world.sortie;
    for (let n = 0; n < 130; n++) {
      await createFleet(store, `two-${n}`, T0);
      for (const half of [0, 500])
        await append(store, Instance, `i${ulid(half + n)}`, [requested(`two-${n}`)], T0);
    }
    const { fleets } = FleetList.parse(JSON.parse((await sortie('fleet', '--json')).stdout));
    const { instances } = InstanceList.parse(JSON.parse((await sortie('instance', '--json')).stdout));
    expect(fleets.length).toBe(130);
    expect(new Set(instances.map(({ id }) => id)).size).toBe(260);
  });
});

test("--json prints the API's own documents", async () => {
  await quick();
  const documents: [string[], z.ZodType][] = [
    [['plan', '-f', 'quick.yaml'], RunPlan],
    [['ps', '-a'], RunList],
    [['event', 'quick'], EventList],
    [['offer', '--cpu', '2'], OfferList],
    [['instance', '-a'], InstanceList],
    [['fleet'], FleetList],
  ];
  const read = await Promise.all(
    documents.map(async ([args, schema]) => {
      const { code, stdout, stderr } = await sortie(...args, '--json');
      return { args, code, stderr, fits: schema.safeParse(JSON.parse(stdout)).success };
    }),
  );
  expect(read).toEqual(documents.map(([args]) => ({ args, code: 0, stderr: '', fits: true })));
});
