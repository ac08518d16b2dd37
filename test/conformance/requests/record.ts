/**
 * Vitest's set-up of `npm run conformance`: every client of the AWS SDK, whichever adapter or test made it, has a
 * middleware that writes down the input of each request as it is serialized.
 */
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

interface Stack {
  add(middleware: Middleware, options: { step: 'serialize'; priority: 'low'; name: string }): void;
}
type Next = (args: { input: unknown }) => Promise<unknown>;
type Middleware = (
  next: Next,
  context: { clientName?: string; commandName?: string },
) => (args: { input: unknown }) => Promise<unknown>;
type ClientClass = new (...args: unknown[]) => { readonly middlewareStack: Stack };

const folder = process.env['SORTIE_RECORD_REQUESTS'];
if (folder === undefined) throw new Error('SORTIE_RECORD_REQUESTS names no folder');
const file = join(folder, `${process.pid}.jsonl`);

// The SDK's clients all extend this class, and take it from its module as they are loaded.
const fromSdk = createRequire(import.meta.resolve('@aws-sdk/client-ec2'));
const core = fromSdk('@smithy/core/client') as { Client: ClientClass };

core.Client = class extends core.Client {
  constructor(...args: unknown[]) {
    super(...args);
    // A Lambda function makes its clients as it loads, when the environment names it.
    const by = process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? null;
    const recording: Middleware =
      (next, { clientName, commandName }) =>
      (args) => {
        const service = clientName?.replace(/Client$/, '');
        const operation = commandName?.replace(/Command$/, '');
        const line = JSON.stringify({ by, service, operation, input: args.input }, asWritten);
        appendFileSync(file, `${line}\n`);
        return next(args);
      };
    this.middlewareStack.add(recording, { step: 'serialize', priority: 'low', name: 'record' });
  }
};

/** JSON has no bytes; `{"$bytes": n}` stands for as many. Dates are written as JSON has them. */
function asWritten(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  // A Buffer has become something else by now.
  const before = this[key];
  return before instanceof Uint8Array ? { $bytes: before.length } : value;
}
