import { describe, expect, test } from 'vitest';
import type { Lifetime, Sighting } from '../../../domain/container/sighting.ts';
import { verdictOn } from '../../../domain/container/verdict.ts';

const running = (
  image: string | null = 'sha256:aaaaaaaaaaaaaaaa',
  tagged: string | null = image,
): Sighting => ({
  state: 'running',
  id: 'c1',
  started_at: '2026-11-21T12:00:00Z',
  image_id: image,
  tagged_image_id: tagged,
  image: 'rvs:1',
  changed: [],
});
const absent: Sighting = { state: 'absent' };
const stopped: Sighting = { state: 'stopped', id: 'c1', status: 'exited' };
const unknown: Sighting = { state: 'unknown', why: 'no answer' };

const on = (lifetime: Lifetime, ...sightings: Sighting[]) =>
  verdictOn(
    { lifetime, name: 'rvs', image: 'rvs:1' },
    sightings.map((sighting, index) => ({ node: `node ${index}`, sighting })),
  );
const message = (lifetime: Lifetime, ...sightings: Sighting[]) => {
  const verdict = on(lifetime, ...sightings);
  return verdict.kind === 'refuse' ? verdict.message : verdict.kind;
};

const nodes: [string, Sighting[]][] = [
  ['none of 1', [absent]],
  ['none of 3', [absent, absent, absent]],
  ['some of 3', [running(), absent, running()]],
  ['all of 1', [running()]],
  ['all of 3', [running(), running(), running()]],
  ['a probe that failed, of 1', [unknown]],
  ['a probe that failed, of 3 with the others running', [running(), unknown, running()]],
  ['a probe that failed, of 3 with the others absent', [absent, unknown, absent]],
  ['one stopped, of 1', [stopped]],
  ['one stopped, of 3 with the others running', [running(), stopped, running()]],
  ['one stopped, of 3 with the others absent', [absent, stopped, absent]],
];

describe('a container of a run alone', () => {
  test.each(nodes)('is launched, whatever is there: %s', (_, sightings) => {
    expect(on('per_run', ...sightings)).toEqual({ kind: 'launch' });
  });
});

describe('a container that is not launched', () => {
  test.each(nodes)('is attached to where it runs on every node, and else refused: %s', (what, sightings) => {
    expect(on('no_launch', ...sightings).kind).toBe(what.startsWith('all') ? 'attach' : 'refuse');
  });

  test('is refused with the nodes where it does not run, and those that could not be asked', () => {
    expect(message('no_launch', running(), absent, stopped)).toBe(
      'container rvs does not run on node 1, node 2 (exited); nothing was started or removed: start it there, or set `lifetime: per_run`',
    );
    expect(message('no_launch', unknown, absent, running())).toContain(
      'does not run on node 1, and could not be looked for on node 0 (no answer);',
    );
    expect(message('no_launch', unknown)).toBe(
      'container rvs could not be looked for on node 0 (no answer); nothing was started or removed: see there why its engine does not answer',
    );
  });
});

describe('a persistent container', () => {
  test.each(nodes)('is attached to on all, launched on none, and else refused: %s', (what, sightings) => {
    const expected = what.startsWith('all') ? 'attach' : what.startsWith('none') ? 'launch' : 'refuse';
    expect(on('persistent', ...sightings).kind).toBe(expected);
  });

  test('that runs on some nodes is refused with both lists', () => {
    expect(message('persistent', running(), absent, running())).toMatch(
      /^container rvs runs on node 0, node 2 but does not run on node 1; nothing was touched/,
    );
    expect(message('persistent', running(), stopped, absent)).toContain(
      'runs on node 0 but does not run on node 1 (exited), node 2;',
    );
  });

  test('that is only stopped has an overlay to lose', () => {
    expect(message('persistent', stopped)).toMatch(/^container rvs does not run on node 0 \(exited\)/);
  });

  test('that could not be looked for is not taken for absent', () => {
    expect(message('persistent', absent, unknown, absent)).toBe(
      'container rvs could not be looked for on node 1 (no answer), so whether it is there is not known; nothing was touched',
    );
  });
});

describe.each(['no_launch', 'persistent'] as const)('the image of what is attached to (%s)', (lifetime) => {
  test('is the same on all nodes', () => {
    expect(message(lifetime, running('sha256:aaaaaaaaaaaaaaaa'), running('sha256:bbbbbbbbbbbbbbbb'))).toBe(
      'container rvs was made from different images: node 0: aaaaaaaaaaaa, node 1: bbbbbbbbbbbb; nothing was touched',
    );
  });

  test('has to be readable', () => {
    expect(message(lifetime, running(), running(null), running())).toBe(
      'the image of container rvs could not be read on node 1; nothing was touched',
    );
  });

  test('may be older than what its name means now, which is a warning', () => {
    const image = 'sha256:aaaaaaaaaaaaaaaa';
    expect(on(lifetime, running(image), running(image, 'sha256:cccccccccccccccc'))).toEqual({
      kind: 'attach',
      warnings: [
        "the overlay of container rvs on node 1 may be stale: it was made from aaaaaaaaaaaa, and the image's name means cccccccccccc now",
      ],
    });
    expect(on(lifetime, running(image, null))).toEqual({ kind: 'attach', warnings: [] });
  });
});

describe('a container that is not the one that a run asks for', () => {
  const image = 'sha256:aaaaaaaaaaaaaaaa';
  const from = (name: string | null, tagged: string | null = null): Sighting => ({
    ...(running(image, tagged) as Extract<Sighting, { state: 'running' }>),
    image: name,
  });

  test.each(['persistent', 'no_launch'] as const)('is refused for its image (%s)', (lifetime) => {
    const advice = lifetime === 'no_launch' ? 'leave `image` out' : 'choose another `name`';
    expect(message(lifetime, from('rvs:1'), from('rvs:0'))).toBe(
      `container rvs was started from rvs:0 on node 1, and the run asks for rvs:1; nothing was touched: write \`image: rvs:0\`, or ${advice}`,
    );
    expect(message(lifetime, from('rvs:0', 'sha256:cccccccccccccccc'))).toContain('asks for rvs:1');
  });

  test.each([
    ['the name in full', from('docker.io/library/rvs:1')],
    ['another name of the same image', from('tools:7', image)],
    ['an id for a name', from('a'.repeat(64))],
    ['no name', from(null)],
  ])('is attached with %s', (_, sighting) => {
    expect(on('persistent', sighting)).toEqual({ kind: 'attach', warnings: [] });
  });

  test('is refused for what it was started with, where a run would start one', () => {
    const other: Sighting = {
      ...(running() as Extract<Sighting, { state: 'running' }>),
      changed: ['volumes'],
    };
    expect(message('persistent', running(), other)).toBe(
      'container rvs was started with other `volumes` on node 1, which an attached container cannot get; nothing was touched: choose another `name`, or attach to it as it is by `lifetime: no_launch`',
    );
    expect(message('no_launch', running(), other)).toBe('attach');
  });
});
