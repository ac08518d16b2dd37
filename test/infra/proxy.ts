import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Credentials, signed } from '../../infra/local/wire/signature.ts';

export interface Proxy {
  readonly endpoint: string;
  close(): Promise<void>;
}

export interface Passing {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Stands between a client and an endpoint: changes what is asked or answered, or hangs up instead of answering. */
export async function startProxy(
  endpoint: string,
  rules: {
    rewrite?: (asked: Passing) => string;
    /** By these a body is signed anew that was changed. */
    signs?: Credentials;
    answer?: (asked: Passing, body: string) => string;
    loses?: (asked: Passing) => boolean;
    /** Answered so, without the endpoint hearing of it. */
    refuses?: (asked: Passing) => { readonly status: number; readonly body: string } | undefined;
  },
): Promise<Proxy> {
  const server = createServer(async (incoming, outgoing) => {
    const asked = { headers: incoming.headers, body: (await bodyOf(incoming)).toString() };
    const refusal = rules.refuses?.(asked);
    if (refusal !== undefined) {
      outgoing.writeHead(refusal.status).end(refusal.body);
      return;
    }
    const body = rules.rewrite?.(asked) ?? asked.body;
    const to = new URL(incoming.url ?? '/', endpoint);
    const passed =
      rules.signs !== undefined && body !== asked.body
        ? signedAnew(incoming, body, rules.signs)
        : incoming.headers;
    const headers = { ...passed, 'content-length': String(Buffer.byteLength(body)) };
    const onward = request(to, { method: incoming.method, headers }, async (answer) => {
      const replied = await bodyOf(answer);
      if (rules.loses?.(asked)) {
        incoming.socket.destroy();
        return;
      }
      const handed = Buffer.from(rules.answer?.(asked, replied.toString()) ?? replied);
      outgoing.writeHead(answer.statusCode ?? 502, {
        ...answer.headers,
        'content-length': String(handed.length),
      });
      outgoing.end(handed);
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

function signedAnew({ method = 'POST', headers }: IncomingMessage, body: string, credentials: Credentials) {
  const kept = ['host', 'content-type', 'x-amz-target'].flatMap((name) =>
    headers[name] === undefined ? [] : [[name, String(headers[name])] as const],
  );
  const request = { method, path: '/', query: [], headers: Object.fromEntries(kept) };
  return signed(request, body, { credentials, region: 'us-east-1', service: 'any' }, Date.now());
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
