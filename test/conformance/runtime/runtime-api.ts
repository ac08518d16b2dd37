import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer =
  | { readonly kind: 'answered'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly during: 'init' | 'invocation'; readonly error: string };

/**
 * Lambda's side of a function's life, for one event: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
 * `initialized` is when the runtime asks for its first event, having loaded the handler.
 */
export async function runtimeApi(event: unknown, arn: string) {
  let tell: (answer: Answer) => void = () => {};
  let ready: () => void = () => {};
  const answered = new Promise<Answer>((resolve) => {
    tell = resolve;
  });
  const initialized = new Promise<void>((resolve) => {
    ready = resolve;
  });
  let given = false;
  const server = createServer(async (request, response) => {
    const path = request.url?.replace('/2018-06-01/runtime/', '');
    if (path === 'invocation/next') {
      ready();
      // There is no second event: the runtime waits, until it is ended.
      if (given) return;
      given = true;
      response.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
        'lambda-runtime-deadline-ms': String(Date.now() + 60_000),
        'lambda-runtime-invoked-function-arn': arn,
      });
      response.end(JSON.stringify(event));
      return;
    }
    const body = await bodyOf(request);
    response.writeHead(202).end();
    if (path?.endsWith('/response')) tell({ kind: 'answered', payload: JSON.parse(body) });
    else tell({ kind: 'failed', during: path === 'init/error' ? 'init' : 'invocation', error: body });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    initialized,
    answered,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
