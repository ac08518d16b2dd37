import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export type WireRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

/** `hang-up` closes the socket without a byte (a lost reply); `silence` never answers (an outage). */
export type WireReply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Record<string, string>;
      readonly body: string;
    }
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'silence' };

export type WireServer = { readonly endpoint: string; readonly port: number; close(): Promise<void> };

/** The largest body that is read. RunInstances and SendCommand stay far below it. */
const maxBodyBytes = 4 * 1024 * 1024;

/**
 * One loopback HTTP server of the embedded AWS.
 * @param port 0 takes a free one
 * @param upgrade gets the sockets that ask for another protocol (the instance agents); without it they are closed
 */
export async function serveWire(options: {
  port?: number;
  handle: (request: WireRequest) => WireReply | Promise<WireReply>;
  upgrade?: (request: IncomingMessage, socket: Duplex) => void;
}): Promise<WireServer> {
  const server = createServer((incoming, response) => {
    readBody(incoming)
      .then((body) => {
        if (body === undefined) return tooLarge;
        const { method = 'GET', url = '/', headers } = incoming;
        return options.handle({ method, path: url, headers, body });
      })
      .then((reply) => {
        if (reply.kind === 'silence') return;
        if (reply.kind === 'hang-up') {
          incoming.socket.destroy();
          return;
        }
        const length = String(Buffer.byteLength(reply.body));
        response.writeHead(reply.status, { ...reply.headers, 'content-length': length });
        response.end(reply.body);
      })
      .catch((error: unknown) => {
        // A client that left before its request was whole is no fault of ours.
        if (!incoming.complete && incoming.destroyed) return;
        process.emitWarning(new Error(`${incoming.method} ${incoming.url} failed`, { cause: error }));
        response.writeHead(500).end();
      });
  });
  // The SDK keeps its sockets: a short idle limit would close one just as it is used again.
  server.keepAliveTimeout = 120_000;
  server.on('upgrade', (request, socket) => {
    if (options.upgrade) options.upgrade(request, socket);
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const tooLarge: WireReply = { kind: 'answer', status: 413, headers: { connection: 'close' }, body: '' };

/** Undefined when the body is too large; what is left of it is not read. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
