import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { Job } from '../../domain/job/stream.ts';
import { type Change, change, type Loaded } from '../../domain/kernel/stream.ts';
import { commitItem, headItem } from '../../infra/dynamodb/items.ts';
import { deploy, readService } from '../../infra/local/host/service/deploy.ts';
import { bundle, INSTANCE, JOB, offer, spec, T0 } from '../domain/given.ts';

const file = new URL('../../serverless.yml', import.meta.url).pathname;
const { mappings } = deploy(
  readService({ file, stage: 'test', region: 'us-east-1', account: '000000000000' }),
  {
    apiUrl: 'http://127.0.0.1:1',
    sqsUrl: 'http://127.0.0.1:1',
  },
);

/** Whether the mapping of the function takes the insertion of an item. */
const takes = (name: string, item: Record<string, unknown>): boolean => {
  const mapping = mappings.find((one) => one.function === name);
  if (mapping === undefined) throw new Error(`${name} has no mapping`);
  const NewImage = marshall(item, { removeUndefinedValues: true });
  const record = {
    eventName: 'INSERT',
    dynamodb: { Keys: { pk: NewImage['pk'], sk: NewImage['sk'] }, NewImage },
  };
  return mapping.filters.some((filter) => filter(record));
};

/** A job from its submission to its end, a commit for each decision. */
function life(): Change[] {
  const decisions = [
    { type: 'JobQueued', spec: spec() },
    { type: 'SubmissionAssigned', submission: 0, instance: INSTANCE, offer: offer(), bundle },
    { type: 'StartSent', submission: 0, command: 'c' },
    { type: 'SubmissionStarted', submission: 0, at: T0 },
    { type: 'JobEnded', status: 'done', reason: 'done_by_runner', message: null },
  ] as const;
  const changes: Change[] = [];
  let job: Loaded<never, never> = { stream: Job, id: JOB, version: 0, state: undefined } as never;
  for (const [n, event] of decisions.entries()) {
    const next = change(job, [event as never], T0 + n * 1_000);
    changes.push(next);
    job = { ...job, version: n + 1, state: next.head.state as never };
  }
  return changes;
}

const provenance = { by: 'test', causation: null, correlation: 'test' };

test('react is invoked for the commits from which something follows, publish for all', () => {
  const commits = life().map((one) => commitItem(one, provenance));
  expect(commits.map((item) => takes('react', item))).toEqual([true, true, false, false, true]);
  expect(commits.map((item) => takes('publish', item))).toEqual([true, true, true, true, true]);
});

test('neither is invoked for a head', () => {
  for (const one of life())
    for (const name of ['react', 'publish']) expect(takes(name, headItem(one))).toBe(false);
});

test('react is invoked for a commit that an older version wrote', () => {
  for (const { rests: _, ...older } of life().map((one) => ({ rests: true, ...commitItem(one, provenance) })))
    expect(takes('react', older)).toBe(true);
});
