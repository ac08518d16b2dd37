import { describe, expect, it } from 'vitest';
import { RunPlan } from '../../domain/api/plan.ts';
import { Job } from '../../domain/job/stream.ts';
import { jobId } from '../../domain/kernel/ids.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { expectSound, finished } from './invariants.ts';

const secret = 'k7Qz-hush';
const container = {
  image: 'registry.test/app:1',
  env: { TOKEN: secret },
  registry_auth: { username: 'me', password: '${{ env.TOKEN }}' },
  container: { env: { LICENCE: `of ${secret}` }, setup_script: 'apt-get update\n' },
};

describe('a run in a container', () => {
  it('hands its runner what the container needs; no event, log or index has its secrets', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit(container);
    await sortie.until('started', async () => (await sortie.job(run)).phase.kind === 'running');
    const bundle = sortie.bundles.keys().find((key) => key.startsWith('submissions/'));
    expect(sortie.bundles.fetch(`memory://${bundle}`)).toMatchObject({
      gang: null,
      container: {
        image: 'registry.test/app:1',
        registry_auth: { username: 'me', password: secret },
        env: { LICENCE: `of ${secret}` },
        setup_script: 'apt-get update\n',
      },
    });
    await sortie.until('done', finished(sortie, run));
    await sortie.drain();
    expect(sortie.bundles.keys()).toEqual([]);
    const shown = [
      sortie.store.commits,
      await sortie.get(`/v1/runs/${run}`),
      await sortie.get('/v1/runs?status=all'),
      await sortie.get(`/v1/runs/${run}/events`),
    ];
    expect(JSON.stringify(shown)).not.toContain(secret);
    await expectSound(sortie);
  });

  it('whose only secrets are those of its container leaves none either', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit({ image: 'app', container: { env: { LICENCE: secret } } });
    await sortie.until('done', finished(sortie, run));
    await sortie.drain();
    expect(sortie.bundles.keys()).toEqual([]);
  });

  it('is refused with a script that only its author can read', async () => {
    const sortie = inMemorySortie();
    const configuration = {
      ...{ type: 'task', commands: ['true'], image: 'app' },
      container: { setup_script: 'setup.sh' },
    };
    for (const path of ['/v1/plans', '/v1/runs'])
      expect(await sortie.request('POST', path, { configuration })).toMatchObject({
        status: 422,
        body: {
          errors: [
            {
              path: ['configuration', 'container', 'setup_script'],
              message: 'is the path of a file, which the API cannot read',
            },
          ],
        },
      });
  });
});

describe('a run that names its instances', () => {
  it('waits for those, by whatever name, and launches none', async () => {
    const sortie = inMemorySortie();
    const first = await sortie.submit();
    await sortie.until('done', finished(sortie, first));
    const [instance] = await sortie.instances();
    const ec2 = sortie.machines()[0]?.ec2;
    const id = (await sortie.run(first)).jobs[0]?.instance;
    expect(instance?.phase.kind).toBe('idle');
    for (const name of [id, ec2, `sortie-default-${id?.slice(-6)}`]) {
      const run = await sortie.submit({ instances: [name] });
      await sortie.until('done', finished(sortie, run));
      expect((await sortie.run(run)).jobs[0]?.instance).toBe(id);
    }
    expect(sortie.machines()).toHaveLength(1);
    await expectSound(sortie);
  });

  it('is refused where its fleet has none of that name', async () => {
    const sortie = inMemorySortie();
    const configuration = { type: 'task', commands: ['true'], instances: ['i-0'] };
    expect(await sortie.request('POST', '/v1/runs', { configuration })).toMatchObject({
      status: 422,
      body: {
        errors: [{ path: ['configuration', 'instances', 0], message: 'fleet default has no instance i-0' }],
      },
    });
  });
});

describe('a run of several nodes', () => {
  const groups = [
    { name: 'head', commands: ['lead'], resources: { cpu: 4 } },
    { nodes: 2, commands: ['follow'], resources: { cpu: '2..' } },
  ];

  it('is recorded as a job for each, with what its group asks for', async () => {
    const sortie = inMemorySortie();
    const run = await sortie.submit({ commands: null, groups });
    const jobs = await Promise.all([0, 1, 2].map((rank) => sortie.store.load(Job, jobId(run, rank))));
    expect(jobs.map(({ state }) => [state?.nodes, state?.requirements.resources.cpu.count.max])).toEqual([
      [3, 4],
      [3, null],
      [3, null],
    ]);
    expect(await sortie.run(run)).toMatchObject({ configuration: { nodes: 3 }, jobs: [{}, {}, {}] });
  });

  it('is planned for each of its groups', async () => {
    const sortie = inMemorySortie();
    const configuration = {
      type: 'task',
      groups: [groups[0], { ...groups[1], resources: { cpu: '500..' } }],
    };
    const { body } = await sortie.request('POST', '/v1/plans', { configuration });
    const { plan, other_groups } = RunPlan.parse(body);
    expect(plan.total_offers).toBeGreaterThan(0);
    expect(other_groups).toMatchObject([{ name: null, nodes: 2, plan: { total_offers: 0 } }]);
  });
});
