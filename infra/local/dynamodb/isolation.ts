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

type Child = OwnedProcess['child'];
type Request = { readonly resolve: (socket: Socket) => void; readonly reject: (error: Error) => void };

const requests = new WeakMap<Child, Map<number, Request>>();
let asked = 0;

function handedOver(child: Child): Promise<Socket> {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    if (!child.connected) return reject(ended());
    const open = requestsTo(child);
    open.set(id, { resolve, reject });
    child.send(id, (error) => {
      if (error === null) return;
      open.delete(id);
      reject(error);
    });
  });
}

const ended = (): Error => new Error('the DynamoDB engine has ended');

/** Those that a helper has not answered yet, by their ids. All of them share one listener: there may be hundreds. */
function requestsTo(child: Child): Map<number, Request> {
  const known = requests.get(child);
  if (known !== undefined) return known;
  const open = new Map<number, Request>();
  requests.set(child, open);
  child.on('message', (message, handle) => {
    const { id, error } = message as { id: number; error?: string };
    const request = open.get(id);
    open.delete(id);
    if (handle instanceof Socket) request?.resolve(handle);
    else request?.reject(new Error(`the DynamoDB engine cannot be reached: ${error ?? 'no socket came'}`));
  });
  child.once('exit', () => {
    for (const { reject } of open.values()) reject(ended());
    open.clear();
  });
  return open;
}
