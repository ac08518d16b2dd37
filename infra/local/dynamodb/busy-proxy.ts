import { connect, createServer, type Socket } from 'node:net';
import { chanceOf } from '../wire/chance.ts';
import type { FaultSwitches } from '../wire/faults.ts';
import { type Asked, answerTo, type Trouble, troubleFor } from './busy-answers.ts';

export type BusyProxy = { readonly endpoint: string; close(): Promise<void> };

/**
 * Stands before the engine and answers a share of the calls as a busy DynamoDB does: the engine itself knows no conflicts and
 * no limits. Bytes pass as they come, in both directions; only a request that gets an answer of ours is read. `onWritten` is
 * called when a write has been answered.
 */
export async function startBusyProxy(
  engine: string,
  faults: FaultSwitches,
  onWritten: () => void = () => {},
): Promise<BusyProxy> {
  const { hostname, port } = new URL(engine);
  const open = new Set<Socket>();
  let turn = 0;
  const strikes = (): boolean => {
    const { busyStore, seed } = faults.current;
    return busyStore > 0 && chanceOf(seed, 'dynamodb', ++turn) < busyStore;
  };

  const server = createServer({ noDelay: true }, (client) => {
    const inner = connect({ host: hostname, port: Number(port), noDelay: true });
    open.add(client).add(inner);
    const end = () => {
      client.destroy();
      inner.destroy();
      open.delete(client);
      open.delete(inner);
    };
    for (const side of [client, inner]) side.on('error', end).on('close', end);
    // Clients of HTTP/1.1 that wait for their answer before they ask again, as the SDK: what comes after an answer begins a request.
    let request: 'next' | 'passes' | Buffer = 'next';
    let writes = false;
    client.on('data', (chunk) => {
      if (request === 'next') {
        request = strikes() ? Buffer.alloc(0) : 'passes';
        writes = isWrite(chunk);
      }
      if (request === 'passes') return void inner.write(chunk);
      request = Buffer.concat([request, chunk]);
      const asked = readRequest(request);
      if (asked === undefined) return;
      const held = request;
      const trouble = troubleFor(asked, chanceOf(faults.current.seed, 'trouble', turn));
      if (trouble === undefined) {
        request = 'passes';
        return void inner.write(held);
      }
      void respond(engine, asked, trouble).then((answer) => {
        request = 'next';
        // One kind of trouble does the work and loses the answer.
        if (writes) onWritten();
        if (!client.destroyed) client.write(answer);
      }, end);
    });
    inner.on('data', (chunk) => {
      request = 'next';
      client.write(chunk);
      if (writes) onWritten();
      writes = false;
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

// The head of a request has the operation among its first headers; the SDK's heads have some 700 bytes.
const isWrite = (chunk: Buffer): boolean =>
  /x-amz-target: *DynamoDB_20120810\.(TransactWriteItems|PutItem|UpdateItem|DeleteItem|BatchWriteItem)/i.test(
    chunk.subarray(0, 2_048).toString('latin1'),
  );

/** A request that is there as a whole. */
function readRequest(bytes: Buffer): Asked | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.subarray(0, end).toString('latin1');
  const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trim();
  const body = bytes.subarray(end + 4);
  if (body.length < Number(header('content-length') ?? 0)) return undefined;
  const operation = header('x-amz-target')?.split('.').at(-1) ?? '';
  return { operation, body: body.toString(), authorization: header('authorization') ?? '' };
}

async function respond(engine: string, asked: Asked, trouble: Trouble): Promise<string> {
  const { status, body } = await answerTo(asked, trouble, (given) => ask(engine, asked, given));
  const headers = `content-type: application/x-amz-json-1.0\r\ncontent-length: ${Buffer.byteLength(body)}`;
  return `HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'Refused'}\r\n${headers}\r\n\r\n${body}`;
}

/** The engine checks no signature, only that there is one. */
async function ask(engine: string, { operation, authorization }: Asked, body: string): Promise<string> {
  const answer = await fetch(engine, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20200101T000000Z',
      authorization,
    },
    body,
  });
  return answer.text();
}
