import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../domain/kernel/instant.ts';
import { inMemorySortie } from './in-memory-sortie.ts';
import { over, why } from './why-given.ts';

describe('the chain of why', () => {
  it('leads from the submission to the end, each line an event, with what each step took', async () => {
    const sortie = inMemorySortie();
    const run = await over(sortie, await sortie.submit({ commands: ['python train.py'] }));
    const { cause, chain, plan } = await why(sortie, run);
    expect(cause).toMatchObject({
      kind: 'done',
      message: expect.stringContaining('`python train.py` ended'),
    });
    expect(plan).toMatchObject({ considered: 4, fitting: 4, best: { instance_type: 'm5.xlarge' } });
    expect(plan.asked).toMatch(/^cpu 2\.\., .*memory/);
    expect(chain.map(({ lasted_ms }) => lasted_ms)).toContain(20_000);
    expect(chain[0]?.what).toMatch(/^submitted by alice: `python train.py`; asks for cpu/);
    expect(chain.at(-1)?.what).toBe('the run is done: all jobs done');
    const of = (stream: string) =>
      chain.filter(({ event }) => event.startsWith(stream)).map(({ what }) => what);
    expect(of('Job-')).toEqual([
      'waits in the queue of fleet default, priority 0',
      expect.stringMatching(/^submission 0 is promised m5.xlarge in us-east-1a/),
      'start of submission 0 sent: SSM command command-1',
      'the commands of submission 0 run',
      'submission 0 is done: done by runner, exit status 0',
      'the job is done: done by runner',
    ]);
    expect(of('Instance-')).toEqual([
      expect.stringMatching(/^intent to launch m5.xlarge in us-east-1a/),
      expect.stringMatching(/^launched as i-/),
      'ready for commands',
      'free again after submission 0',
    ]);
    const known = sortie.store.commits.flatMap(({ stream, version, events }) =>
      events.map((_, n) => `${stream.name}-${stream.id}/${version}/${n}`),
    );
    expect(known).toEqual(expect.arrayContaining(chain.map(({ event }) => event)));
  });

  it('has every refused offer with its code, and how long each wait lasted', async () => {
    const sortie = inMemorySortie();
    let asked = 0;
    sortie.world.faults.refuse = () => {
      asked += 1;
      const code = asked === 1 ? 'InsufficientInstanceCapacity' : 'VcpuLimitExceeded';
      const refusedAs = asked === 1 ? ('capacity' as const) : ('quota' as const);
      return asked > 2 ? 'no' : { kind: 'refused', refusal: { class: refusedAs, code, message: 'no' } };
    };
    const run = await over(sortie, await sortie.submit());
    const { chain } = await why(sortie, run);
    const said = (words: string) => chain.filter(({ what }) => what.includes(words));
    expect(said('refused (capacity): m5.xlarge in us-east-1a')).toHaveLength(1);
    expect(said('refused (quota)')).toHaveLength(1);
    expect(said('EC2 refused the launch: VcpuLimitExceeded')).toHaveLength(1);
    expect(said('waits: the account')[0]?.lasted_ms).toBeGreaterThanOrEqual(MINUTE);
  });

  it('leaves out what a reused instance did for others', async () => {
    const sortie = inMemorySortie();
    const first = await over(sortie, await sortie.submit());
    const second = await over(sortie, await sortie.submit());
    expect(sortie.machines()).toHaveLength(1);
    const { chain } = await why(sortie, second);
    expect(JSON.stringify(chain)).not.toContain(first);
    const own = chain.filter(({ event }) => event.startsWith('Instance-')).map(({ what }) => what);
    expect(own).toEqual(['idle, and claimed for submission 0', 'free again after submission 0']);
  });

  it('of a run whose doorbells did not ring shows that sync went on with it', async () => {
    const sortie = inMemorySortie();
    sortie.bells.dead = true;
    const run = await over(sortie, await sortie.submit());
    const { cause, chain } = await why(sortie, run);
    expect(cause.kind).toBe('done');
    const promised = chain.find(({ what }) => what.includes('is promised'));
    expect(promised?.by).toBe('function:sync');
    expect(chain[1]?.lasted_ms).toBeGreaterThanOrEqual(MINUTE);
  });
});
