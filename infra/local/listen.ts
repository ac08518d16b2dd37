import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { foreignBody, foreignRequest } from './wire/foreign.ts';

export type Listener = { url: string; port: number; close(): Promise<void> };

const HOST = '127.0.0.1';
/** As long as an AWS load balancer keeps an idle connection. */
const KEEP_ALIVE_MS = 60_000;
const CLOSE_PATIENCE_MS = 1_000;

/**
 * Serves HTTP/1.1 on a loopback port (0: any free one), to programs of this machine only. `close` ends what is idle at once and waits for the rest.
 * `upgrade` gets the sockets that ask for another protocol; without it they are closed. A port in use is an error that
 * names it.
 */
export async function listen(
  handler: RequestListener,
  port: number,
  upgrade: (request: IncomingMessage, socket: Duplex) => void = (_, socket) => socket.destroy(),
): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const why = foreignRequest(request.headers);
    if (why === undefined) return handler(request, response);
    const headers = { 'content-type': 'application/json', connection: 'close' };
    response.writeHead(403, headers).end(foreignBody(why));
  });
  server.on('upgrade', (request, socket) => {
    if (foreignRequest(request.headers) === undefined) upgrade(request, socket);
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const busy =
        cause.code === 'EADDRINUSE' ? `port ${port} of ${HOST} is in use; choose another one` : cause.message;
      reject(new Error(`cannot listen: ${busy}`, { cause }));
    });
    server.listen(port, HOST, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return { url: `http://${HOST}:${bound}`, port: bound, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    // A connection that is busy now is kept alive by its client after the answer: close it then.
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    // A long poll would hold the door open for its whole wait; whoever asked asks again.
    const patience = setTimeout(() => server.closeAllConnections(), CLOSE_PATIENCE_MS);
    server.close((error) => {
      clearInterval(sweep);
      clearTimeout(patience);
      if (error) reject(error);
      else resolve();
    });
  });
}
