import { expect, test, vi } from 'vitest';
import { clientOf } from '../../cli/client/client.ts';
import { readLogs } from '../../cli/follow/read-logs.ts';
import { PATIENCE_MS } from '../patience.ts';
import { embeddedForFile } from './fixtures/embedded.ts';

// A new account: 10 executions at once, of all functions together.
const on = embeddedForFile({ concurrency: 10, params: { concurrency: 'small' } });

const FOLLOWERS = 50;

test('50 followers of a run leave its reports their executions, and all read the whole output', async () => {
  const { id } = await on.client.submit({
    commands: ['until test -e go; do echo waiting; sleep 0.2; done', 'echo the end'],
    resources: { cpu: 2, memory: '1GB..' },
    working_dir: '/tmp',
    max_duration: '8s',
  });
  // The CLI's client, which a throttled route makes wait.
  const follower = clientOf({ ...on.sortie, unanswered: '' });
  const run = () => follower.run(id, { patience: 'follow' });
  await vi.waitFor(async () => expect((await run()).status).toBe('running'), {
    timeout: PATIENCE_MS,
    interval: 500,
  });
  const stop = new AbortController();
  const texts = await Promise.all(
    Array.from({ length: FOLLOWERS }, async () => {
      let text = '';
      await readLogs(follower, id, {
        ...{ job: 0, until: 'to the end', signal: stop.signal },
        onChunk: async (_, bytes) => {
          text += Buffer.from(bytes).toString();
        },
      });
      return text;
    }),
  );
  expect((await run()).termination_reason).toBe('max_duration_exceeded');
  expect(new Set(texts).size).toBe(1);
  expect(texts[0]).toMatch(/^(waiting\n)+$/);
  // Held open, their requests would take all 10, and have hundreds of others refused, reports among them.
  expect(on.sortie.host.metrics().functions['api']?.throttles).toBeLessThan(FOLLOWERS);
});
