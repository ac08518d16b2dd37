import { describe, expect, it } from 'vitest';
import { Fleet, fleetList } from '../../../domain/fleet/stream.ts';
import { Job, queueOf } from '../../../domain/job/stream.ts';
import type { EventStore } from '../../../domain/kernel/event-store.ts';
import type { Instant } from '../../../domain/kernel/instant.ts';
import { change } from '../../../domain/kernel/stream.ts';
import { golden } from '../../golden/golden-events.ts';
import { append, createFleet, fleetCreated, fleetLimit, provenance, queueJob } from './given-streams.ts';

const at: Instant = 1_794_950_400_000;
const fleet = (id: string) => ({ name: 'Fleet' as const, id });

/** What every event store does; `create` gives an empty one. */
export function eventStoreContract(create: () => Promise<EventStore>): void {
  describe('streams', () => {
    it('a stream that nobody wrote is at version 0, without a state and without history', async () => {
      const store = await create();
      expect(await store.load(Fleet, 'none')).toMatchObject({ id: 'none', version: 0, state: undefined });
      expect(await store.history(fleet('none'), 0, 10)).toEqual([]);
    });

    it('what was appended is loaded, and its commit tells who, why and when', async () => {
      const store = await create();
      expect(await append(store, Fleet, 'gpu', [fleetCreated(), fleetLimit(7)], at)).toBe('appended');

      const loaded = await store.load(Fleet, 'gpu');
      expect(loaded.version).toBe(1);
      expect(loaded.state).toMatchObject({ project: 'main', limits: { instances: 7 }, created_at: at });
      expect(await store.history(fleet('gpu'), 0, 10)).toEqual([
        { stream: fleet('gpu'), version: 1, at, ...provenance, events: [fleetCreated(), fleetLimit(7)] },
      ]);
    });

    it('a decision on an old version is a conflict and changes nothing', async () => {
      const store = await create();
      await createFleet(store, 'gpu', at);
      const stale = await store.load(Fleet, 'gpu');
      await append(store, Fleet, 'gpu', [fleetLimit(1)], at);

      expect(await store.append([change(stale, [fleetLimit(2)], at)], provenance)).toBe('conflict');
      expect((await store.load(Fleet, 'gpu')).state?.limits).toEqual({ instances: 1 });
      expect(await store.history(fleet('gpu'), 0, 10)).toHaveLength(2);
    });

    it('creating what exists is a conflict', async () => {
      const store = await create();
      const absent = await store.load(Fleet, 'gpu');
      await createFleet(store, 'gpu', at);
      expect(await store.append([change(absent, [fleetCreated('other')], at)], provenance)).toBe('conflict');
      expect((await store.load(Fleet, 'gpu')).state?.project).toBe('main');
    });

    it('several streams move together or not at all', async () => {
      const store = await create();
      await createFleet(store, 'one', at);
      await createFleet(store, 'two', at);
      const [one, two] = [await store.load(Fleet, 'one'), await store.load(Fleet, 'two')];
      const both = [change(one, [fleetLimit(3)], at), change(two, [fleetLimit(4)], at)];

      await append(store, Fleet, 'two', [fleetLimit(9)], at);
      expect(await store.append(both, provenance)).toBe('conflict');
      expect((await store.load(Fleet, 'one')).version).toBe(1);

      const again = [
        change(one, [fleetLimit(3)], at),
        change(await store.load(Fleet, 'two'), [fleetLimit(4)], at),
      ];
      expect(await store.append(again, provenance)).toBe('appended');
      expect((await store.load(Fleet, 'one')).state?.limits.instances).toBe(3);
      expect((await store.load(Fleet, 'two')).state?.limits.instances).toBe(4);
    });

    it('history comes oldest first, past version 9, after a version and up to a limit', async () => {
      const store = await create();
      await createFleet(store, 'gpu', at);
      for (let n = 2; n <= 12; n++) await append(store, Fleet, 'gpu', [fleetLimit(n)], at + n);

      const versions = async (after: number, limit: number) =>
        (await store.history(fleet('gpu'), after, limit)).map(({ version }) => version);
      expect(await versions(0, 100)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      expect(await versions(8, 3)).toEqual([9, 10, 11]);
      expect(await versions(12, 10)).toEqual([]);
    });

    it('an event that this version does not know fails loudly', async () => {
      const store = await create();
      await createFleet(store, 'gpu', at);
      const known = change(await store.load(Fleet, 'gpu'), [fleetLimit(2)], at);
      await store.append([{ ...known, events: [{ type: 'FleetRenamed' }] }], provenance);
      await expect(store.history(fleet('gpu'), 0, 10)).rejects.toThrow('FleetRenamed');
    });

    it('fifty racing appends on one stream each see the one before: one wins a version, the others a conflict', async () => {
      const store = await create();
      await createFleet(store, 'gpu', at);
      const from = await store.load(Fleet, 'gpu');
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          store.append([change(from, [fleetLimit(n + 1)], at)], provenance),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === 'appended')).toHaveLength(1);
      expect((await store.load(Fleet, 'gpu')).version).toBe(2);
      expect(await store.history(fleet('gpu'), 0, 100)).toHaveLength(2);
    });
  });

  describe('aliases', () => {
    const name = { kind: 'run-name' as const, key: 'main/otter' };

    it('an alias is made once, moved by who knows where it points, and is otherwise a conflict', async () => {
      const store = await create();
      const put = (id: string, from: string | undefined, to: string) =>
        append(store, Fleet, id, [fleetCreated()], at, [{ ...name, from, to }]);

      expect(await store.alias(name.kind, name.key)).toBeUndefined();
      expect(await put('one', undefined, 'one')).toBe('appended');
      expect(await store.alias(name.kind, name.key)).toBe('one');
      expect(await put('two', undefined, 'two')).toBe('conflict');
      expect((await store.load(Fleet, 'two')).version).toBe(0);
      expect(await put('two', 'one', 'two')).toBe('appended');
      expect(await put('three', 'one', 'three')).toBe('conflict');
      expect(await store.alias(name.kind, name.key)).toBe('two');
    });

    it('the same key of another kind is another alias', async () => {
      const store = await create();
      await append(store, Fleet, 'one', [fleetCreated()], at, [{ ...name, from: undefined, to: 'one' }]);
      expect(await store.alias('ec2-instance', name.key)).toBeUndefined();
    });
  });

  describe('work', () => {
    it('comes in the order of its sort, states included, and is gone when the state says so', async () => {
      const store = await create();
      const [late, early, urgent] = [
        await queueJob(store, 3, at),
        await queueJob(store, 2, at),
        await queueJob(store, 9, at, 90),
      ];
      const queue = async (limit: number) =>
        (await store.work(Job, queueOf('default'), limit)).map(({ id }) => id);

      expect(await queue(10)).toEqual([urgent, early, late]);
      expect(await queue(2)).toEqual([urgent, early]);
      expect(await store.work(Job, queueOf('empty'), 10)).toEqual([]);

      const [first] = await store.work(Job, queueOf('default'), 1);
      expect(first).toEqual(await store.load(Job, urgent));
      await append(store, Job, urgent, [golden('SubmissionAssigned')], at);
      expect(await queue(10)).toEqual([early, late]);
    });

    it('goes on after a sort, whether that is still there or not', async () => {
      const store = await create();
      const [first, second, third] = [
        await queueJob(store, 1, at),
        await queueJob(store, 2, at),
        await queueJob(store, 3, at),
      ];
      const { state } = await store.load(Job, first);
      const sort = state && Job.placement(state, first).work?.sort;
      const rest = async (limit: number) =>
        (await store.work(Job, queueOf('default'), limit, sort)).map(({ id }) => id);

      expect(await rest(10)).toEqual([second, third]);
      expect(await rest(1)).toEqual([second]);
      await append(store, Job, first, [golden('SubmissionAssigned')], at);
      expect(await rest(10)).toEqual([second, third]);
    });
  });

  describe('lists', () => {
    const names = ['f-01', 'f-02', 'f-03', 'f-04'];
    const four = async () => {
      const store = await create();
      for (const name of names) await createFleet(store, name, at);
      await createFleet(store, 'elsewhere', at, 'other');
      return store;
    };

    it('come newest first, with views, page by page, and say where they end', async () => {
      const store = await four();
      const first = await store.list(fleetList('main'), 3);
      if (first === 'bad-cursor') throw new Error('a list without a cursor has no bad one');
      expect(first.items.map(({ id }) => id)).toEqual(['f-04', 'f-03', 'f-02']);
      expect(first.items[0]?.view).toMatchObject({ name: 'f-04', project: 'main' });
      const second = await store.list(fleetList('main'), 3, first.next);
      expect(second).toEqual({ items: [expect.objectContaining({ id: 'f-01' })] });
    });

    it('a page that holds exactly what there is has no next', async () => {
      const store = await four();
      expect(await store.list(fleetList('main'), 4)).not.toHaveProperty('next');
      expect(await store.list(fleetList('nobody'), 4)).toEqual({ items: [] });
    });

    it('only those between two sorts come, page by page', async () => {
      const store = await four();
      const within = { least: 'f-02', most: 'f-03' };
      const first = await store.list(fleetList('main'), 1, undefined, within);
      if (first === 'bad-cursor') throw new Error('a list without a cursor has no bad one');
      expect(first.items.map(({ id }) => id)).toEqual(['f-03']);
      expect(await store.list(fleetList('main'), 1, first.next, within)).toEqual({
        items: [expect.objectContaining({ id: 'f-02' })],
      });
      expect(await store.list(fleetList('main'), 1, undefined, { least: 'g', most: 'h' })).toEqual({
        items: [],
      });
    });

    it('a cursor of another list, or none of ours, is a bad cursor', async () => {
      const store = await four();
      const page = await store.list(fleetList('main'), 1);
      const next = page === 'bad-cursor' ? undefined : page.next;
      expect(next).toBeDefined();
      expect(await store.list(fleetList('other'), 1, next)).toBe('bad-cursor');
      for (const forged of ['', 'x', '%00', 'e30', 'bnVsbA', '../../etc'])
        expect(await store.list(fleetList('main'), 1, forged), forged).toBe('bad-cursor');
    });
  });

  describe('due times', () => {
    const dueIds = async (store: EventStore, now: Instant, limit = 100) =>
      (await store.due(now, limit)).map(({ id }) => id);

    it('streams are due from their time on, most overdue first, whichever shard they lie in', async () => {
      const store = await create();
      const jobs = [];
      for (let n = 0; n < 20; n++) jobs.push(await queueJob(store, n, at - 1_000 * n));
      const oldestFirst = jobs.toReversed();
      const waits = 60_000;

      expect(await dueIds(store, at - 20_000 + waits)).toEqual([]);
      expect(await dueIds(store, at - 19_000 + waits)).toEqual(oldestFirst.slice(0, 1));
      expect(await dueIds(store, at + waits)).toEqual(oldestFirst);
      expect(await dueIds(store, at + waits, 5)).toEqual(oldestFirst.slice(0, 5));
    });

    it('a reminder moves the time, either way, and touches nothing else', async () => {
      const store = await create();
      const id = await queueJob(store, 1, at);
      const before = await store.load(Job, id);
      await store.remind({ name: 'Job', id }, at + 500_000);
      expect(await dueIds(store, at + 499_999)).toEqual([]);
      expect(await dueIds(store, at + 500_000)).toEqual([id]);
      await store.remind({ name: 'Job', id }, at + 10);
      expect(await dueIds(store, at + 10)).toEqual([id]);
      expect(await store.load(Job, id)).toEqual(before);
    });

    it('a reminder does not wake what has come to rest, nor make what is not there', async () => {
      const store = await create();
      await createFleet(store, 'resting', at);
      await store.remind(fleet('resting'), at);
      await store.remind(fleet('absent'), at);
      expect(await dueIds(store, at + 1)).toEqual([]);
      expect((await store.load(Fleet, 'absent')).version).toBe(0);
    });
  });
}
