import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Proxy {
  readonly endpoint: string;
  close(): Promise<void>;
}

export interface Passing {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Stands between a client and an endpoint: changes what is asked, or hangs up instead of handing back an answer. */
export async function startProxy(
  endpoint: string,
  rules: { rewrite?: (asked: Passing) => string; loses?: (asked: Passing) => boolean },
): Promise<Proxy> {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const asked = { headers: incoming.headers, body: Buffer.concat(chunks).toString() };
    const body = rules.rewrite?.(asked) ?? asked.body;
    const headers = { ...incoming.headers, 'content-length': String(Buffer.byteLength(body)) };
    const to = new URL(incoming.url ?? '/', endpoint);
    const onward = request(to, { method: incoming.method, headers }, (answer) => {
      if (rules.loses?.(asked)) {
        answer.resume().on('end', () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
