import { spawnSync } from 'node:child_process';
import { connect, Socket } from 'node:net';
import type { OwnedProcess } from './owned-process.ts';

/** A command line, and how a process that it started is connected to. */
export type Isolation = {
  readonly port: number | 'any';
  readonly command: (engine: readonly string[], port: number) => readonly string[];
  readonly connect: (owned: OwnedProcess, port: number) => Promise<Socket>;
  readonly end: (owned: OwnedProcess) => void;
};

/**
 * The engine asks nobody for a signature. In a network namespace of its own nobody else on the machine finds its port; a
 * helper in that namespace connects for us, and hands over the socket. It ends with the engine, and with us.
 */
const helper = `
const { connect } = require('node:net');
const [port, command, ...parameters] = process.argv.slice(1);
const engine = require('node:child_process').spawn(command, parameters, { stdio: 'ignore' });
engine.once('error', () => process.exit(1)).once('exit', () => process.exit(1));
process.once('disconnect', () => process.exit());
process.on('message', (id) => {
  const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
  socket.once('error', (error) => process.send({ id, error: error.message }));
  socket.once('connect', () => process.send({ id }, socket));
});`;

const bwrap = [
  'bwrap',
  '--dev-bind',
  '/',
  '/',
  '--unshare-net',
  '--unshare-pid',
  '--as-pid-1',
  '--die-with-parent',
];

export const namespaced: Isolation = {
  port: 8000,
  command: (engine, port) => [...bwrap, '--', process.execPath, '-e', helper, '--', String(port), ...engine],
  connect: ({ child }) => handedOver(child),
  // The helper ends, and with it its namespace: bubblewrap ends when nobody is left in that.
  end: ({ child }) => child.disconnect(),
};

/** Where bubblewrap is not to be had. Other users of the machine can connect: docs/security.md says so. */
export const onLoopback: Isolation = {
  port: 'any',
  command: (engine) => engine,
  connect: async (_, port) => connect({ host: '127.0.0.1', port, noDelay: true }),
  end: ({ child }) => void child.kill('SIGTERM'),
};

let chosen: Isolation | undefined;

export function engineIsolation(): Isolation {
  const [command, ...parameters] = [...bwrap, '--', 'true'];
  chosen ??= spawnSync(command, parameters, { stdio: 'ignore' }).status === 0 ? namespaced : onLoopback;
  return chosen;
}

let asked = 0;

function handedOver(child: OwnedProcess['child']): Promise<Socket> {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      child.off('message', onMessage).off('exit', onExit);
      act();
    };
    const onExit = () => settle(() => reject(new Error('the DynamoDB engine has ended')));
    const onMessage = (message: unknown, handle: unknown) => {
      const { id: about, error } = message as { id: number; error?: string };
      if (about !== id) return;
      settle(() => {
        if (handle instanceof Socket) resolve(handle);
        else reject(new Error(`the DynamoDB engine cannot be reached: ${error ?? 'no socket came'}`));
      });
    };
    if (!child.connected) return onExit();
    child.on('message', onMessage).once('exit', onExit);
    child.send(id, (error) => error && settle(() => reject(error)));
  });
}
