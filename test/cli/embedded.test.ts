import { join } from 'node:path';
import { expect, test } from 'vitest';
import { livingOnLines, whyNotStarted } from '../../cli/commands/embedded.ts';
import { Failure } from '../../cli/exit.ts';

const coded = (code: string, message = '') => Object.assign(new Error(message), { code });

test.each([
  ['EADDRINUSE', 'port 3000 is in use', 'npm start -- --port 3001'],
  ['SORTIE_DATA_LOCKED', 'another Sortie is using .sortie', '--data .sortie-2'],
  ['SORTIE_NO_ENGINE', 'there is no DynamoDB', 'SORTIE_DYNAMODB_ENDPOINT='],
  ['SORTIE_DATA_UNSAFE', 'the data folder is not yours alone', '--data .sortie-2'],
  ['EACCES', 'no permission', '--port, --data'],
])('%s is one line, and the next step', (code, said, next) => {
  const failure = whyNotStarted(coded(code, 'there is no DynamoDB'), 3000, join(process.cwd(), '.sortie'));
  expect(failure).toMatchObject({
    exit: 1,
    message: expect.stringContaining(said),
    next: expect.stringContaining(next),
  });
});

test('what nobody expected keeps its cause', () => {
  const cause = new Error('the table is upside down');
  const failure = whyNotStarted(cause, 3000, '/data');
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({ cause, message: expect.stringContaining('the table is upside down') });
});

test('what lives on after the end is told: how many, for how long, and how to end them', () => {
  expect(livingOnLines({ instances: 0, seconds: 600 }, '.sortie')).toEqual([]);
  expect(livingOnLines({ instances: 2, seconds: 600 }, '.sortie')).toEqual([
    '2 instances go on, with what runs there, for the next start: npm start',
    'without one they end after 10m; to end one at once, start, then: sortie instance, sortie instance kill ID',
  ]);
  expect(livingOnLines({ instances: 1, seconds: 600 }, '/tmp/s')).toEqual([
    '1 instance goes on, with what runs there, for the next start: npm start -- --data /tmp/s',
    'without one it ends after 10m; to end one at once, start, then: sortie instance --data /tmp/s, sortie instance kill ID --data /tmp/s',
  ]);
});
