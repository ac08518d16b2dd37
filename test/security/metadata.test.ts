import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runArguments } from '../../infra/runner/supervisor/container/run-arguments.ts';
import { userData } from '../../infra/runner/user-data.ts';
import { temporaryFolder } from '../infra/local/fixtures/stack.ts';
import { containerOf } from '../infra/runner/container/engine.ts';
import { needing } from '../needs.ts';

// A job on EC2 must not reach the credentials of its node: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-limiting-access.html
const script = userData({ instance: 'i-1', nonce: 'n', apiUrl: 'https://api.example', deadmanSeconds: 600 });
const [, unit = ''] = /sortie\.slice <<'UNIT'\n(.*?)\nUNIT\n/s.exec(script) ?? [];

test('the slice of all jobs is denied both addresses of the metadata service, before any job can start', () => {
  expect(unit).toMatch(/^\[Slice\]\nIPAddressDeny=169\.254\.169\.254 fd00:ec2::254$/m);
  expect(script.indexOf('sortie.slice')).toBeLessThan(script.indexOf('daemon-reload'));
  expect(script.indexOf('daemon-reload')).toBeLessThan(script.indexOf('$home/ready'));
});

test('systemd takes the unit', needing('systemd'), () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder.path, 'sortie.slice'), `${unit}\n`);
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', join(folder.path, 'sortie.slice')], {
    encoding: 'utf8',
  });
  folder.remove();
  expect([status, stderr.includes('sortie.slice')]).toEqual([0, false]);
});

test.each(['keeper.sh', 'start-job.sh'])('%s starts what runs jobs in that slice', (name) => {
  const document = readFileSync(join(import.meta.dirname, '../../infra/runner/documents', name), 'utf8');
  const starts = document.split('\n').filter((line) => line.includes('systemd-run'));
  expect(starts.length).toBeGreaterThan(0);
  for (const line of starts) expect(line).toContain('--slice=sortie ');
});

test.each(['docker', 'podman'] as const)(
  'a container of %s is in that slice, on the host network too',
  (engine) => {
    const container = containerOf('i:1', { network: 'host' });
    const fresh = { name: 'c', image: 'i:1', container, volumes: [], labels: {} };
    const argumentsIn = (slice: string | null) => {
      const made = runArguments(engine, fresh, slice);
      return made.ok ? made.value.args : [];
    };
    expect(argumentsIn('sortie.slice')).toContain('--cgroup-parent=sortie.slice');
    expect(argumentsIn(null).join(' ')).not.toContain('cgroup');
  },
);
