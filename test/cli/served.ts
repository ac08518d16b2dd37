import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda';
import { app } from '../../functions/api/app.ts';
import type { Api } from '../../functions/api/context.ts';

export const TOKEN = 'a-token';

/** The API over HTTP, its authorizer in front of it as API Gateway has it: 401 without a token, 403 for a wrong one. */
export async function served(api: Api, failures: unknown[]) {
  const routes = app(api, (error) => failures.push(error));
  const requests: string[] = [];
  let broken = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`);
    const body = await buffer(request);
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (given !== TOKEN) {
      const [status, message] = given === undefined ? [401, 'Unauthorized'] : [403, 'Forbidden'];
      response
        .writeHead(status as number, { 'content-type': 'application/json' })
        .end(JSON.stringify({ message }));
      return;
    }
    const answered = await routes.fetch(
      new Request(`http://127.0.0.1${request.url}`, {
        method: request.method ?? 'GET',
        headers: Object.entries(request.headers).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]),
        ...(body.length > 0 && { body: new Uint8Array(body) }),
      }),
      { event: authorized, lambdaContext: {} as LambdaContext },
    );
    const bytes = Buffer.from(await answered.arrayBuffer());
    // A connection that breaks after the work is done: the caller cannot know that it was.
    if (broken > 0 && request.method === 'POST') {
      broken -= 1;
      request.socket.destroy();
      return;
    }
    response.writeHead(answered.status, Object.fromEntries(answered.headers)).end(bytes);
  };
  const listen = (port: number) => {
    const server = createServer((request, response) => {
      answer(request, response).catch((error: unknown) => {
        failures.push(error);
        response.destroy();
      });
    });
    return new Promise<typeof server>((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const down = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    /** The answers of so many POSTs are lost on the way. */
    loseAnswers: (count: number) => {
      broken = count;
    },
    down,
    up: async () => {
      server = await listen(port);
    },
  };
}

const authorized = {
  requestContext: { authorizer: { lambda: { user: 'ada', project: 'main' } } },
} as unknown as LambdaEvent;
