import { request as httpRequest } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { forgeryFault } from '../aws-json/serve.ts';
import { chanceOf } from '../wire/chance.ts';
import type { FaultSwitches } from '../wire/faults.ts';
import { foreignBody, foreignRequest } from '../wire/foreign.ts';
import { type Credentials, verifyHeader } from '../wire/signature.ts';
import { answerTo, troubleFor } from './busy-answers.ts';
import { type RawRequest, requestReader } from './raw-request.ts';

export type Door = { readonly endpoint: string; close(): Promise<void> };

/**
 * Stands before the engine, which checks no signature and knows neither conflicts nor limits: refuses what is not signed,
 * and answers a share of the calls as a busy DynamoDB does. A request that passes does so byte for byte, and so does its
 * answer. `onWritten` is called when a write has been answered.
 */
export async function openDoor(options: {
  readonly connect: () => Promise<Socket>;
  readonly credentials: Credentials;
  readonly faults: FaultSwitches;
  readonly onWritten?: () => void;
}): Promise<Door> {
  const { connect, credentials, faults, onWritten = () => {} } = options;
  const open = new Set<Socket>();
  let turn = 0;
  const strikes = (): boolean => {
    const { busyStore, seed } = faults.current;
    return busyStore > 0 && chanceOf(seed, 'dynamodb', ++turn) < busyStore;
  };

  const server = createServer({ noDelay: true }, (client) => {
    open.add(client);
    let inner: Promise<Socket> | undefined;
    let writes = false;
    const end = () => {
      client.destroy();
      open.delete(client);
      void inner?.then(
        (engine) => engine.destroy(),
        () => {},
      );
    };
    client.on('error', end).on('close', end);

    /** The engine is asked only for who may: a stranger costs it no connection. */
    const toEngine = async (bytes: Buffer) => {
      inner ??= connect().then((engine) => {
        open.add(engine);
        engine.on('error', end).on('close', () => {
          open.delete(engine);
          end();
        });
        engine.on('data', (chunk) => {
          client.write(chunk);
          if (writes) onWritten();
          writes = false;
        });
        return engine;
      });
      const engine = await inner;
      if (client.destroyed) engine.destroy();
      else engine.write(bytes);
    };

    const serve = async (request: RawRequest) => {
      const why = foreignRequest(request.headers);
      if (why !== undefined) return void client.end(reply(403, foreignBody(why), 'close'));
      const verified = verifyHeader(request, request.body, credentials, Date.now());
      if (!verified.ok) {
        const { code, message, status } = forgeryFault(verified.error);
        const __type = `com.amazon.coral.service#${code}`;
        return void client.write(reply(status, JSON.stringify({ __type, message })));
      }
      const write = isWrite(request.operation);
      const trouble = strikes()
        ? troubleFor(request.operation, chanceOf(faults.current.seed, 'trouble', turn))
        : undefined;
      if (trouble === undefined) {
        writes = write;
        return toEngine(request.bytes);
      }
      const asked = { operation: request.operation, body: request.body.toString() };
      const answer = await answerTo(asked, trouble, (body) => ask(connect, request, body));
      // One kind of trouble does the work and loses the answer.
      if (write) onWritten();
      if (!client.destroyed) client.write(reply(answer.status, answer.body));
    };

    // Clients of HTTP/1.1 that wait for their answer before they ask again, as the SDK.
    const take = requestReader((request) => void serve(request).catch(end));
    client.on('data', (chunk) => {
      if (take(chunk) === 'malformed')
        client.end(reply(400, foreignBody('not a request of DynamoDB'), 'close'));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port on the loopback interface');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

const isWrite = (operation: string): boolean =>
  /^(TransactWriteItems|PutItem|UpdateItem|DeleteItem|BatchWriteItem)$/.test(operation);

function reply(status: number, body: string, connection: 'keep-alive' | 'close' = 'keep-alive'): string {
  const headers = `connection: ${connection}\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ${Buffer.byteLength(body)}`;
  return `HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'Refused'}\r\n${headers}\r\n\r\n${body}`;
}

async function ask(
  connect: () => Promise<Socket>,
  { operation, headers }: RawRequest,
  body: string,
): Promise<string> {
  const socket = await connect();
  const outgoing = httpRequest({
    method: 'POST',
    createConnection: () => socket,
    headers: {
      host: headers.host,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': headers['x-amz-date'],
      // The engine looks only whether there is one.
      authorization: headers.authorization,
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  outgoing.on('error', reject).on('response', (response) => {
    response.toArray().then((chunks) => resolve(Buffer.concat(chunks).toString()), reject);
  });
  outgoing.end(body);
  return promise.finally(() => socket.destroy());
}
