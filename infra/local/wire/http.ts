import type { IncomingMessage, RequestListener } from 'node:http';
import type { Result } from '../../../domain/kernel/result.ts';
import { type Credentials, type Forgery, verifyHeader } from './signature.ts';

export type WireRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

export function verifyRequest(
  { method, path, headers, body }: WireRequest,
  credentials: Credentials,
): Result<'verified', Forgery> {
  return verifyHeader({ method, path, query: [], headers }, body, credentials, Date.now());
}

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

/** The largest body that is read. RunInstances and SendCommand stay far below it. */
const maxBodyBytes = 4 * 1024 * 1024;

/** What listens on behalf of a service that answers in whole replies, or not at all. */
export function wireListener(
  handle: (request: WireRequest) => WireReply | Promise<WireReply>,
): RequestListener {
  return (incoming, response) => {
    readBody(incoming)
      .then((body) => {
        if (body === undefined) return tooLarge;
        const { method = 'GET', url = '/', headers } = incoming;
        return handle({ method, path: url, headers, body });
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
