import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A moto server on a free port of this machine; `program` and `args` start it. */
export async function startMoto(
  program: string,
  args: readonly string[] = [],
): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const server = spawn(program, [...args, '-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit');
  const stop = async () => {
    server.kill();
    await ended;
  };
  const said = createInterface({ input: server.stderr });
  const told: string[] = [];
  for await (const line of said) {
    told.push(line);
    const port = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    // A line a request: they have to be read, or the pipe fills up.
    said.close();
    server.stderr.resume();
    return { endpoint: `http://127.0.0.1:${port}`, stop };
  }
  throw new Error(`moto_server did not start:\n${told.join('\n')}`);
}
