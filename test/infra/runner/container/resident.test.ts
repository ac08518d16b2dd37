import { describe, expect, test } from 'vitest';
import { needing } from '../../../needs.ts';
import { eventually } from '../eventually.ts';
import { world } from '../world.ts';
import { containerOf, docker, testImage } from './engine.ts';

describe('a resident supervisor that is killed while a container runs', needing('engine', 'busybox'), () => {
  const at = world();
  const image = testImage();
  const commands = ['echo before', 'until [ -e /go ]; do sleep 0.05; done', 'echo after', 'exit 7'];

  test.each(['per_run', 'persistent'] as const)(
    'is followed by another: exit and whole output, once, and the container ends as it should (%s)',
    async (lifetime) => {
      const name = lifetime === 'persistent' ? `kept-${Date.now()}` : null;
      const container = containerOf(image.name, { lifetime, name });
      const { submission } = await at.start({ commands, container });
      await at.logged(submission, 'before');
      const [id = ''] = (await docker('ps', '-q', '--filter', `label=sortie.submission=${submission}`)).split(
        '\n',
      );
      await at.instance.killResident();
      await docker('exec', id, 'touch', '/go');
      await eventually('the status', () => at.instance.read(submission, 'status'));
      await at.instance.probe();
      const exit = await at.delivered(submission);
      expect(exit).toMatchObject({ cause: 'commands', status: 7, signal: null, log_bytes: 13 });
      expect(exit.message).toBe('`exit 7` (command 4 of 4) exited 7');
      expect(at.server.log(submission).toString()).toBe('before\nafter\n');
      await at.instance.supervisorGone(submission);
      expect(at.server.exits(submission)).toHaveLength(1);
      const left = await docker('ps', '-aq', '--no-trunc', '--filter', `id=${id}`);
      expect(left !== '').toBe(lifetime === 'persistent');
      if (left !== '') await docker('rm', '-f', id);
    },
  );

  test('stops it as the one before would have done', async () => {
    const trap = 'trap "echo bye; exit 4" TERM; echo ready; while :; do sleep 0.05; done';
    const { submission } = await at.start({ commands: [trap], container: containerOf(image.name) });
    await at.logged(submission, 'ready');
    await at.instance.killResident('but not its keeper');
    await eventually('another resident', () => at.instance.residents().length === 1);
    await at.instance.stopJob(submission, 'graceful', 'by alice');
    const exit = await at.delivered(submission);
    expect(exit).toMatchObject({ cause: 'stopped', status: 4, message: 'by alice' });
    expect(at.server.log(submission).toString()).toMatch(/^ready\n(Terminated\n)?bye\n$/);
    expect(await docker('ps', '-aq', '--filter', `label=sortie.submission=${submission}`)).toBe('');
  });
});
