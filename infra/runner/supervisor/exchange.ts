import type * as http from 'node:http';

export type Reply = { status: number; body: string };

/** API Gateway gives up after 30 s. */
const TIMEOUT_MS = 35_000;
/** Neither a bundle nor an answer comes near it: what is longer is not ours. */
const LONGEST_BODY = 16 * 1024 * 1024;

/** By protocol. A supervisor of many jobs has many requests under way. */
const agents = new Map<string, http.Agent>();

/**
 * One HTTP request over connections that are kept. Loads only the client it needs: `fetch` takes 20 ms to load.
 * Rejects when no whole reply came.
 */
export async function exchange(
  url: string,
  { method, headers, body }: { method: 'GET' | 'POST'; headers?: Record<string, string>; body?: string },
): Promise<Reply> {
  const { protocol } = new URL(url);
  const client = protocol === 'https:' ? await import('node:https') : await import('node:http');
  const agent = agents.get(protocol) ?? new client.Agent({ keepAlive: true, maxFreeSockets: 4 });
  agents.set(protocol, agent);
  return new Promise((resolve, reject) => {
    const outgoing = client.request(url, { method, headers, timeout: TIMEOUT_MS, agent }, (reply) => {
      const chunks: Buffer[] = [];
      let length = 0;
      reply.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > LONGEST_BODY)
          outgoing.destroy(new Error(`the reply is longer than ${LONGEST_BODY} bytes`));
        chunks.push(chunk);
      });
      reply.on('error', reject);
      reply.on('end', () =>
        resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no reply within ${TIMEOUT_MS} ms`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Worth the same request again, whatever it was. */
export const isPassing = (status: number) =>
  status >= 500 || status === 408 || status === 425 || status === 429;
