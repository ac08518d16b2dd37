import { beforeEach, describe, expect, test } from 'vitest';
import { DeadLetterList, Redriven } from '../../domain/api/dead-letter.ts';
import { Queue } from '../../domain/api/queue.ts';
import { Why } from '../../domain/api/why.ts';
import { TOKEN } from './served.ts';
import { given } from './sortie.ts';

const { world, file, sortie } = given();

const task = (name: string, command: string) => `type: task\nname: ${name}\ncommands:\n  - ${command}\n`;

beforeEach(() => {
  file('quick.yaml', task('quick', 'echo quick'));
  file('fails.yaml', task('fails', 'exit 3'));
});
/** A fleet of three, none free, and two more that wait and know why. */
async function crowd(): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    const body = JSON.stringify({ configuration: { type: 'task', name, commands: ['sleep 100'] } });
    expect((await fetch(`${world.url}/v1/runs`, { method: 'POST', headers, body })).status).toBe(201);
  }
  for (;;) {
    const { waiting } = Queue.parse(await (await fetch(`${world.url}/v1/queue`, { headers })).json());
    if (waiting.length === 2 && waiting.every(({ kind }) => kind === 'fleet_limit')) return;
  }
}

describe('sortie why', () => {
  test('says the cause first, then the chain', async () => {
    await sortie('apply', '-f', 'fails.yaml', '-y');
    const { code, stdout } = await sortie('why', 'fails');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^fails {2}failed: exit status 3 of `exit 3`, on \S+ in us-east-1\w/);
    expect(lines[1]).toMatch(
      /^asked: cpu 2\.\., .*; [\d,]+ of [\d,]+ offers fit; the best: \S+ in us-east-1/,
    );
    expect(lines[3]).toMatch(/^\d{4}-\d\d-\d\d UTC +TOOK +WHAT +EVENT$/);
    expect(stdout).toMatch(
      /submitted by ada[\s\S]*launched as i-[\s\S]*SSM command start-[\s\S]*the run is failed/,
    );
    expect(stdout).toMatch(/Job-\w+-0\/1\/0\n/);
  });

  test('of a run that waits says for what, and its place', async () => {
    await crowd();
    const { stdout } = await sortie('why', 'five');
    expect(stdout).toMatch(/^five {2}waiting since [\d:]+Z: .*none free; place 2 of 2\n/);
  });

  test('of no run says so', async () => {
    const { code, stderr } = await sortie('why', 'nobody');
    expect(code).toBe(1);
    expect(stderr).toContain('there is no run "nobody"');
  });
});

describe('sortie queue', () => {
  test('says that nobody waits', async () => {
    expect(await sortie('queue')).toMatchObject({ code: 0, stdout: expect.stringContaining('Nobody waits') });
  });

  test('lists who waits in order, and `ps` shows the place', async () => {
    await crowd();
    const { stdout } = await sortie('queue');
    expect(stdout).toMatch(
      /^ +PLACE +RUN +FLEET +PRIORITY +WAITS +FOR +ASKS FOR\n1 of 2 +four +default +0 .*none free.*cpu 2\.\..*\n2 of 2 +five /,
    );
    expect((await sortie('ps')).stdout).toMatch(/^five +submitted .*place 2 of 2: .*none free/m);
  });
});

describe('sortie dead-letters and redrive', () => {
  const letter = JSON.stringify({
    requestContext: {
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:sortie-prod-react',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 6,
    },
    DDBStreamBatchInfo: {
      shardId: 'shardId-1',
      startSequenceNumber: '100',
      endSequenceNumber: '100',
      approximateArrivalOfFirstRecord: '2026-11-20T12:00:00Z',
      approximateArrivalOfLastRecord: '2026-11-20T12:00:00Z',
      batchSize: 1,
    },
  });

  test('are empty-handed where there is none', async () => {
    expect((await sortie('dead-letters')).stdout).toBe('There are no dead letters.\n');
    expect((await sortie('redrive', '--all')).stdout).toBe('There are no dead letters.\n');
  });

  test('explain a letter, redrive it, and know that it is gone', async () => {
    world.sortie.deadLetters.leave(letter);
    const [id = ''] = world.sortie.deadLetters.ids();
    const { stdout } = await sortie('dead-letters');
    expect(stdout).toMatch(
      /^letter-\S+ {2}react {2}RetryAttemptsExhausted {2}after 6 attempts {2}(?:just now|\d+s ago)\n {2}shardId-1, sequence numbers 100 to 100\n {2}react gave up on 1 record .*\n {2}next: .*sortie redrive/,
    );
    expect(await sortie('redrive', id)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^letter-\S+ {2}redriven {2}0 unfinished streams are due now/),
    });
    expect(await sortie('redrive', id)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^letter-\S+ {2}not there {2}no such letter .*sortie dead-letters\n$/),
    });
  });

  test('a letter that nothing can be done about fails, until it is discarded', async () => {
    world.sortie.deadLetters.leave('what is this');
    const kept = await sortie('redrive', '--all');
    expect(kept).toMatchObject({ code: 1, stdout: expect.stringContaining('kept') });
    expect(await sortie('redrive', '--all', '--discard')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('discarded'),
    });
  });

  test('redrive wants to know which', async () => {
    const { code, stderr } = await sortie('redrive');
    expect(code).toBe(2);
    expect(stderr).toContain('next: sortie dead-letters');
    expect((await sortie('redrive', '--all', 'one')).code).toBe(2);
  });

  test("--json prints the API's own documents", async () => {
    await sortie('apply', '-f', 'quick.yaml', '-y');
    const documents = [
      [['why', 'quick'], Why],
      [['queue'], Queue],
      [['dead-letters'], DeadLetterList],
      [['redrive', '--all'], Redriven],
    ] as const;
    for (const [args, schema] of documents) {
      const { code, stdout, stderr } = await sortie(...args, '--json');
      expect({ code, stderr, fits: schema.safeParse(JSON.parse(stdout)).success }).toEqual({
        code: 0,
        stderr: '',
        fits: true,
      });
    }
  });
});
