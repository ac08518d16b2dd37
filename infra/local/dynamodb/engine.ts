import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ownFile } from '../database.ts';
import { engineIsolation } from './isolation.ts';
import { endLeftover, type OwnedProcess, startOwned } from './owned-process.ts';

export type Engine = {
  connect(): Promise<Socket>;
  databaseFile: string;
  pid: () => number | null;
  close(): Promise<void>;
};

const READY_WITHIN_MS = 10_000;

/** The binary of `@dynoxide/<platform>`, an optional dependency. Throws with what to install instead. */
export function findDynoxide(platform = `${process.platform}-${process.arch}`): string {
  const name = `@dynoxide/${platform}`;
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`))), 'dynoxide');
  } catch (cause) {
    throw new Error(
      `there is no DynamoDB to run on: the package ${name} is not installed. Run npm install (without --omit=optional), ` +
        'or start DynamoDB Local and set SORTIE_DYNAMODB_ENDPOINT=http://127.0.0.1:8000',
      { cause },
    );
  }
}

/**
 * Runs dynoxide on `DATA/dynamodb.db` and keeps it running: when it is killed it comes back on the same port and
 * file, and the SDK's retries bridge the gap.
 */
export async function startEngine(dataDir: string, isolation = engineIsolation()): Promise<Engine> {
  mkdirSync(dataDir, { recursive: true });
  const binary = findDynoxide();
  const databaseFile = ownFile(join(dataDir, 'dynamodb.db'));
  const pidFile = join(dataDir, 'dynamodb.pid');
  await endLeftover(pidFile);
  const port = isolation.port === 'any' ? await freePort() : isolation.port;
  const serve = [binary, 'serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', databaseFile];
  const command = isolation.command(serve, port);
  let closed = false;
  let owned: OwnedProcess = startOwned(command, pidFile);

  async function supervise(): Promise<void> {
    while (true) {
      await owned.exited;
      if (closed) return;
      await wait(50);
      owned = startOwned(command, pidFile);
    }
  }

  const supervision = supervise();
  const connect = () => isolation.connect(owned, port);
  const close = async () => {
    closed = true;
    isolation.end(owned);
    const late = setTimeout(() => owned.child.kill('SIGKILL'), 2_000);
    await supervision;
    clearTimeout(late);
  };
  try {
    await untilAnswers(connect);
  } catch (cause) {
    await close();
    throw new Error(`${binary} did not answer within ${READY_WITHIN_MS / 1000} s`, { cause });
  }
  return { connect, databaseFile, pid: () => owned.child.pid ?? null, close };
}

/** dynoxide does not say which port it got for 0, so one is found for it. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function untilAnswers(connect: () => Promise<Socket>): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      const socket = await connect();
      await (socket.connecting ? once(socket, 'connect') : undefined);
      return void socket.destroy();
    } catch (cause) {
      if (Date.now() > deadline) throw cause;
      await wait(5);
    }
  }
}
