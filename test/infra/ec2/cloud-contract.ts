import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../domain/instance/cloud.ts';
import { PATIENCE_MS } from '../../patience.ts';
import { intent } from './given-intent.ts';

export interface CloudUnderTest {
  readonly cloud: Cloud;
  /** From now on launches are refused so. */
  refuse(how: 'capacity' | 'quota' | 'throttle'): void;
  /** The next reply to this call is lost, after the work was done. */
  loseReply(call: 'launch' | 'terminate' | 'retag' | 'createGroup' | 'deleteGroup'): void;
  /** From now on the creation of placement groups is throttled. */
  throttleGroups(): void;
  /** Launches from now on are taken back by EC2 while they are pending. */
  takeBack(): void;
  /** The user's tags of an instance. */
  tagsOf(ec2: string): Promise<Readonly<Record<string, string>>>;
  goDown(): void;
  stop(): Promise<void>;
}

/** What every cloud does; `create` gives one without instances. */
export function cloudContract(create: () => Promise<CloudUnderTest>): void {
  let given: CloudUnderTest;
  let cloud: Cloud;
  beforeEach(async () => {
    given = await create();
    ({ cloud } = given);
  });
  afterEach(() => given.stop());

  const launched = async (n: number): Promise<string> => {
    const outcome = await cloud.launch(intent(n));
    if (outcome.kind !== 'launched') throw new Error(`not launched: ${JSON.stringify(outcome)}`);
    return outcome.ec2;
  };

  describe('launch', () => {
    it('launches an instance that the listing shows under our id', async () => {
      const ec2 = await launched(1);
      expect(ec2).toMatch(/^i-[0-9a-f]{17}$/);
      const [listed, ...others] = await cloud.list();
      expect(others).toEqual([]);
      expect(listed).toMatchObject({ ec2, instance: intent(1).instance, nonce: intent(1).nonce });
      expect(['pending', 'running']).toContain(listed?.state);
    });

    it('the same intent again is the same instance, another is another', async () => {
      const ec2 = await launched(1);
      expect(await launched(1)).toBe(ec2);
      expect(await launched(2)).not.toBe(ec2);
      expect(await cloud.list()).toHaveLength(2);
    });

    it.each(['capacity', 'quota'] as const)('a refusal for %s says so, with the code', async (how) => {
      given.refuse(how);
      const outcome = await cloud.launch(intent(1));
      expect(outcome).toMatchObject({ kind: 'refused', refusal: { class: how } });
      expect(outcome.kind === 'refused' && outcome.refusal.code).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(await cloud.list()).toEqual([]);
    });

    it('a throttled launch has launched nothing', async () => {
      given.refuse('throttle');
      expect(await cloud.launch(intent(1))).toMatchObject({ kind: 'throttled' });
      expect(await cloud.list()).toEqual([]);
    });

    it('a lost reply is thrown; the same intent then finds what was launched', async () => {
      given.loseReply('launch');
      await expect(cloud.launch(intent(1))).rejects.toBeInstanceOf(Error);
      const ec2 = await launched(1);
      expect((await cloud.list()).map((listed) => listed.ec2)).toEqual([ec2]);
    });

    it('an intent whose instance has ended is refused, not launched again', async () => {
      const ec2 = await launched(1);
      await cloud.terminate(ec2);
      await ended(ec2);
      expect(await cloud.launch(intent(1))).toMatchObject({
        kind: 'refused',
        refusal: { class: 'boot', code: 'IdempotentInstanceTerminated' },
      });
    });
  });

  describe('a launch that EC2 takes back', () => {
    it('shows why: the class, the code and the words of its end', async () => {
      given.takeBack();
      const ec2 = await launched(1);
      await ended(ec2);
      const found = await cloud.find(ec2);
      expect(found?.end).toMatchObject({
        class: 'capacity',
        code: 'Server.InsufficientInstanceCapacity',
        message: expect.stringMatching(/^There was insufficient capacity/),
      });
      expect(await cloud.list()).toEqual([found]);
    });
  });

  describe('find', () => {
    it('shows an instance as the listing does', async () => {
      const ec2 = await launched(1);
      await launched(2);
      const [listed] = (await cloud.list()).filter((one) => one.ec2 === ec2);
      expect(await cloud.find(ec2)).toEqual(listed);
      expect(listed?.end).toBeNull();
    });

    it('one that the cloud does not know is none', async () => {
      expect(await cloud.find('i-0123456789abcdef0')).toBeUndefined();
    });

    it('an end that was asked for has no reason of the cloud', async () => {
      const ec2 = await launched(1);
      await cloud.terminate(ec2);
      await ended(ec2);
      expect(await cloud.find(ec2)).toMatchObject({ state: 'terminated', end: null });
    });
  });

  describe('terminate', () => {
    it('ends the instance, and asking again is harmless', async () => {
      const ec2 = await launched(1);
      expect(await cloud.terminate(ec2)).toBe('terminating');
      expect(await cloud.terminate(ec2)).toBe('terminating');
      await ended(ec2);
      expect(await cloud.terminate(ec2)).toBe('terminating');
    });

    it('one that the cloud does not know is gone', async () => {
      expect(await cloud.terminate('i-0123456789abcdef0')).toBe('gone');
    });

    it('does its work though the reply is lost', async () => {
      const ec2 = await launched(1);
      given.loseReply('terminate');
      await cloud.terminate(ec2).catch((lost: unknown) => expect(lost).toBeInstanceOf(Error));
      await ended(ec2);
    });
  });

  describe('retag', () => {
    const first = { team: 'vision', 'cost centre': 'a/1' };

    it('sets and removes tags, and leaves the others; the same again changes nothing', async () => {
      const outcome = await cloud.launch({ ...intent(1), tags: first });
      const ec2 = outcome.kind === 'launched' ? outcome.ec2 : '';
      expect(await given.tagsOf(ec2)).toEqual(first);
      const change = { set: { team: 'audio', stage: 'ü' }, remove: ['cost centre', 'never there'] };
      for (const _ of [1, 2]) {
        expect(await cloud.retag(ec2, change)).toBe('tagged');
        expect(await given.tagsOf(ec2)).toEqual({ team: 'audio', stage: 'ü' });
      }
      expect(await cloud.retag(ec2, { set: {}, remove: ['team', 'stage'] })).toBe('tagged');
      expect(await given.tagsOf(ec2)).toEqual({});
      expect(await cloud.retag(ec2, { set: {}, remove: [] })).toBe('tagged');
      expect((await cloud.list()).map(({ instance }) => instance)).toEqual([intent(1).instance]);
    });

    it('one that the cloud does not know is gone', async () => {
      const change = { set: first, remove: ['stage'] };
      expect(await cloud.retag('i-0123456789abcdef0', change)).toBe('gone');
    });

    it('does its work though the reply is lost', async () => {
      const ec2 = await launched(1);
      given.loseReply('retag');
      const change = { set: first, remove: [] };
      await cloud.retag(ec2, change).catch((lost: unknown) => expect(lost).toBeInstanceOf(Error));
      expect(await given.tagsOf(ec2)).toEqual(first);
    });
  });

  describe('placement groups', () => {
    const group = { id: 'gpu-0123abcd', fleet: intent(1).fleet, tags: { team: 'research' } };
    const into = (n: number, changes: Parameters<typeof intent>[1] = {}) =>
      cloud.launch({ ...intent(n, changes), group: group.id });
    const there = async () => (await cloud.listGroups()).map(({ id }) => id);

    it('one is created, listed with its fleet, and the same again is the same one', async () => {
      const created = await cloud.createGroup(group);
      expect(created).toMatchObject({ kind: 'there', name: expect.stringContaining(group.id) });
      expect(await cloud.createGroup(group)).toEqual(created);
      expect(await cloud.listGroups()).toEqual([{ id: group.id, fleet: group.fleet }]);
    });

    it('a throttled call has created none', async () => {
      given.throttleGroups();
      expect(await cloud.createGroup(group)).toMatchObject({ kind: 'throttled' });
      expect(await there()).toEqual([]);
    });

    it('does its work though the reply is lost; the same call then finds it', async () => {
      given.loseReply('createGroup');
      await expect(cloud.createGroup(group)).rejects.toBeInstanceOf(Error);
      expect(await cloud.createGroup(group)).toMatchObject({ kind: 'there' });
      expect(await there()).toEqual([group.id]);
      given.loseReply('deleteGroup');
      await expect(cloud.deleteGroup(group.id)).rejects.toBeInstanceOf(Error);
      expect(await there()).toEqual([]);
      expect(await cloud.deleteGroup(group.id)).toBe('gone');
    });

    it('has its instances in one zone, and another once they have ended; until then it is in use', async () => {
      await cloud.createGroup(group);
      const first = await into(1);
      expect(first.kind).toBe('launched');
      expect((await into(2)).kind).toBe('launched');
      expect(await into(3, { zone: 'us-east-1b' })).toMatchObject({
        kind: 'refused',
        refusal: { class: 'capacity', code: 'InvalidPlacementGroup.InUse' },
      });
      expect(await cloud.deleteGroup(group.id)).toBe('in-use');
      for (const { ec2 } of await cloud.list()) {
        await cloud.terminate(ec2);
        await ended(ec2);
      }
      expect((await into(4, { zone: 'us-east-1b' })).kind).toBe('launched');
      for (const { ec2 } of await cloud.list()) {
        await cloud.terminate(ec2);
        await ended(ec2);
      }
      expect(await cloud.deleteGroup(group.id)).toBe('gone');
      expect(await there()).toEqual([]);
    });

    it('that the cloud does not know take no instance yet, and are gone', async () => {
      expect(await into(1)).toMatchObject({
        kind: 'inconsistent',
        refusal: { code: 'InvalidPlacementGroup.Unknown' },
      });
      expect(await cloud.deleteGroup(group.id)).toBe('gone');
    });
  });

  it('an outage is thrown by each call', async () => {
    given.goDown();
    await expect(cloud.launch(intent(1))).rejects.toBeInstanceOf(Error);
    await expect(cloud.terminate('i-0123456789abcdef0')).rejects.toBeInstanceOf(Error);
    const tags = { set: { team: 'audio' }, remove: [] };
    await expect(cloud.retag('i-0123456789abcdef0', tags)).rejects.toBeInstanceOf(Error);
    await expect(cloud.list()).rejects.toBeInstanceOf(Error);
    await expect(cloud.find('i-0123456789abcdef0')).rejects.toBeInstanceOf(Error);
    const group = { id: 'gpu-0123abcd', fleet: intent(1).fleet, tags: {} };
    await expect(cloud.createGroup(group)).rejects.toBeInstanceOf(Error);
    await expect(cloud.deleteGroup(group.id)).rejects.toBeInstanceOf(Error);
    await expect(cloud.listGroups()).rejects.toBeInstanceOf(Error);
  });

  const ended = (ec2: string) =>
    expect
      .poll(async () => (await cloud.list()).find((listed) => listed.ec2 === ec2)?.state, {
        timeout: PATIENCE_MS,
      })
      .toBe('terminated');
}
