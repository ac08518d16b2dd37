import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';

export type Registry = Awaited<ReturnType<typeof startRegistry>>;

/** Debian's registry on loopback, for who may use it; it keeps all in the folder. */
export async function startRegistry(folder: string, auth: object | null = null) {
  const address = `127.0.0.1:${await freePort()}`;
  const settings = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: address },
    ...(auth === null ? {} : { auth }),
  };
  const file = join(folder, 'config.yml');
  fs.writeFileSync(file, JSON.stringify(settings));
  const registry = spawn('docker-registry', ['serve', file], { stdio: 'ignore' });
  await eventually('the registry', () =>
    fetch(`http://${address}/v2/`).then(
      ({ status }) => status === (auth === null ? 200 : 401),
      () => false,
    ),
  );
  return { address, end: () => registry.kill('SIGKILL') };
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
