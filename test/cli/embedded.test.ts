import { join } from 'node:path';
import { expect, test } from 'vitest';
import { whyNotStarted } from '../../cli/commands/embedded.ts';
import { Failure } from '../../cli/exit.ts';

const coded = (code: string, message = '') => Object.assign(new Error(message), { code });

test.each([
  ['EADDRINUSE', 'port 3000 is in use', 'npm start -- --port 3001'],
  ['SORTIE_DATA_LOCKED', 'another Sortie is using .sortie', '--data .sortie-2'],
  ['SORTIE_NO_ENGINE', 'there is no DynamoDB', 'SORTIE_DYNAMODB_ENDPOINT='],
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
