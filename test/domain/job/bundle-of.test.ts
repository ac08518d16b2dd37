import { describe, expect, test } from 'vitest';
import { SET_BY_SORTIE } from '../../../domain/configuration/env.ts';
import { bundleOf } from '../../../domain/job/bundle-of.ts';
import type { Bundle } from '../../../domain/job/bundles.ts';
import { withNodeAddresses } from '../../../domain/job/node-addresses.ts';
import type { OfferTerms } from '../../../domain/planning/offer.ts';
import { NOTHING_SEALED } from '../../../domain/run/secrets.ts';
import { Run } from '../../../domain/run/stream.ts';
import type { Bundle as BundleOfRunner } from '../../../infra/runner/contract.ts';
import { nodeVariables } from '../../../infra/runner/supervisor/nodes.ts';
import { FLEET, given, offer, RUN, task } from '../given.ts';

const gpus = (count: number, vendor = 'NVIDIA') =>
  offer({
    resources: {
      ...offer().resources,
      gpus: [{ vendor, name: 'H100', count, memory_mib: 81_920 }],
    },
  });

function bundled(
  fields: Record<string, unknown>,
  { index = 0, on = offer(), sealed = {}, others = [] as { index: number; offer: OfferTerms }[] } = {},
) {
  const run = given(
    Run,
    {
      type: 'RunSubmitted',
      id: RUN,
      name: 'a-run',
      project: 'main',
      user: 'alice',
      fleet: FLEET,
      configuration: task(fields),
      fingerprint: 'x',
      seal: 'none',
      code: null,
    },
    ...others.map((other) => ({
      type: 'JobAdvanced' as const,
      job: {
        ...{ status: 'provisioning' as const, submission: 0, reason: null, message: null },
        ...{ exit_status: null, instance: null, image_id: null, ...other },
      },
    })),
  );
  const secrets = {
    sealed: { ...NOTHING_SEALED, ...sealed },
    apiUrl: 'http://a',
    token: 't',
    codeLink: null,
  };
  return bundleOf(
    run,
    { index, submission: 0, offer: on, cut: { total: 1, taken: [0] }, check: null },
    secrets,
  );
}

type Sent<T> = T extends string | number | boolean | null ? T : { -readonly [K in keyof T]: Sent<T[K]> };

test('a bundle is what the runner reads', () => {
  const read: BundleOfRunner = JSON.parse(JSON.stringify(bundled({ image: 'app' }))) as Sent<Bundle>;
  expect(read.container?.image).toBe('app');
});

test('of what a job is told by DSTACK_… variables none can be set by its user', () => {
  const atNode = nodeVariables(['10.0.0.1'], '/hostfile');
  const told = Object.keys({ ...bundled({}).env, ...atNode }).filter((name) => name.startsWith('DSTACK_'));
  expect(
    told.map((name) => name.slice('DSTACK_'.length)).filter((name) => !SET_BY_SORTIE.includes(name)),
  ).toEqual([]);
  expect(SET_BY_SORTIE).toHaveLength(told.length);
});

describe('a bundle', () => {
  test('of a task of one node on its instance has neither container nor gang', () => {
    expect(bundled({})).toMatchObject({ container: null, gang: null, commands: ['true'] });
  });

  test('has the keys of the run where its nodes reach each other by ssh, and is not made without', () => {
    const key = { private_key: 'a', public_key: 'b' };
    const ssh = { user: key, host: key };
    const fields = { image: 'app', nodes: 2 };
    expect(bundled({ ...fields, ssh: true }, { sealed: { ssh } }).ssh).toEqual(ssh);
    expect(bundled(fields, { sealed: { ssh } }).ssh).toBeNull();
    expect(() => bundled({ ...fields, ssh: true })).toThrow('keys of the run');
  });

  test('has its container with its secrets, shared memory in bytes and the GPUs of the instance', () => {
    const sealed = {
      container_env: { A: 'secret' },
      registry_auth: { username: 'me', password: 'secret' },
    };
    const fields = {
      image: 'app',
      registry_auth: sealed.registry_auth,
      container: { env: { A: 'secret' } },
      resources: { shm_size: '512MB' },
    };
    expect(bundled(fields, { on: gpus(8, 'AMD'), sealed }).container).toMatchObject({
      image: 'app',
      registry_auth: sealed.registry_auth,
      env: { A: 'secret' },
      shm_bytes: 512 * 1024 * 1024,
      gpus: { vendor: 'amd', indices: null },
    });
    expect(bundled({ image: 'app' }).container).toMatchObject({ gpus: null, shm_bytes: null });
  });

  test('with docker waits for the engine of the instance first', () => {
    const { commands } = bundled({ docker: true });
    expect(commands).toEqual([expect.stringContaining('docker info'), 'true']);
  });

  const groups = [
    { commands: ['lead'] },
    {
      nodes: 2,
      commands: ['ping ${{ groups[0].nodes[0].IP_ADDRESS }} ${{ groups[1].nodes[1].IP_ADDRESS }}'],
    },
  ];

  test('of a node among several has the commands of its group, and addresses to be filled in', () => {
    const { commands, gang } = bundled({ commands: null, groups }, { index: 2 });
    expect(gang).toEqual({ rank: 2, size: 3 });
    expect(withNodeAddresses(commands[0] ?? '', ['10.0.0.1', '10.0.0.2', '10.0.0.3'])).toBe(
      'ping 10.0.0.1 10.0.0.3',
    );
  });

  test('counts the GPUs of all nodes: as they are, as this one, or as they ask', () => {
    const numbers = (...args: Parameters<typeof bundled>) => {
      const { env } = bundled(...args);
      return [env.SORTIE_NODES_NUM, env.DSTACK_NODE_RANK, env.SORTIE_GPUS_PER_NODE, env.DSTACK_GPUS_NUM];
    };
    expect(numbers({ nodes: 3 }, { index: 1, on: gpus(8) })).toEqual(['3', '1', '8', '24']);
    expect(numbers({ nodes: 2 }, { on: gpus(8), others: [{ index: 1, offer: gpus(4) }] })).toEqual([
      '2',
      '0',
      '8',
      '12',
    ]);
    const mixed = [{ commands: ['a'] }, { nodes: 2, commands: ['b'], resources: { gpu: 'H100:4' } }];
    expect(numbers({ commands: null, groups: mixed })).toEqual(['3', '0', '0', '8']);
  });
});
