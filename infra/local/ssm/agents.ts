import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { agentPath, type CommandOrder, type ToAgent, type ToService } from '../instance/protocol.ts';
import type { FaultSwitches } from '../wire/faults.ts';
import type { Timers } from '../wire/timers.ts';
import { readMessage } from './agent-messages.ts';

/** Far above 32,000 characters of output, escaped. */
const longestLine = 1024 * 1024;

export type Agents = {
  upgrade(request: IncomingMessage, socket: Duplex): void;
  isConnected(instance: string): boolean;
  /** Hands a command to the instance's agent; without one it goes out when the agent is back. */
  deliver(instance: string, delivery: string, order: CommandOrder): void;
  cancel(instance: string, delivery: string): void;
  close(): void;
};

export type AgentListener = {
  /** An agent may register only for an instance that lives. */
  readonly isKnown: (instance: string) => boolean;
  readonly isGenuine: (instance: string, token: string) => boolean;
  readonly isRegistered: (instance: string) => boolean;
  readonly onConnect: (instance: string) => void;
  readonly onDisconnect: (instance: string) => void;
  readonly onMessage: (instance: string, message: Exclude<ToService, { type: 'hello' }>) => void;
};

/** The lines to the instances' agents. The faults that cut an agent off work here. */
export function createAgents(faults: FaultSwitches, timers: Timers, listener: AgentListener): Agents {
  const lines = new Map<string, Duplex>();
  /** All of them, those that have said nothing yet too: each would keep the server from closing. */
  const sockets = new Set<Duplex>();
  /** Agents that said hello, and that a fault keeps waiting. */
  const held = new Map<string, Duplex>();
  let open = true;

  const send = (line: Duplex | undefined, message: ToAgent) =>
    void line?.write(`${JSON.stringify(message)}\n`);

  const isLost = (instance: string): boolean => {
    const { agentsLost: lost, hung } = faults.current;
    // Its socket stays open, as a hung machine's kernel may keep it, but it pings no more.
    if (hung.includes(instance)) return true;
    if (typeof lost !== 'string') return lost.includes(instance);
    return lost === 'all' || (lost === 'new' && !listener.isRegistered(instance));
  };

  const hello = (instance: string, line: Duplex) => {
    if (!listener.isKnown(instance)) return void line.destroy();
    held.set(instance, line);
    const wait = listener.isRegistered(instance) ? 0 : faults.current.agentDelayMs;
    if (wait === 0) admit(instance);
    else timers.at(Date.now() + wait, () => admit(instance));
  };

  const admit = (instance: string) => {
    const line = held.get(instance);
    if (!line || isLost(instance)) return;
    held.delete(instance);
    lines.set(instance, line);
    send(line, { type: 'welcome' });
    listener.onConnect(instance);
  };

  faults.onChange(() => {
    for (const [instance, line] of lines) if (isLost(instance)) line.destroy();
    for (const instance of held.keys()) admit(instance);
  });

  const upgrade = (request: IncomingMessage, line: Duplex) => {
    if (request.url !== agentPath || request.headers.upgrade !== 'sortie-agent') return void line.destroy();
    if (!open) return void line.destroy();
    sockets.add(line);
    line.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: sortie-agent\r\n\r\n');
    let instance: string | undefined;
    // The server forbids setEncoding on its sockets.
    const decoder = new StringDecoder('utf8');
    let unread = '';
    line.on('data', (chunk: Buffer) => {
      unread += decoder.write(chunk);
      const whole = unread.split('\n');
      unread = whole.pop() ?? '';
      if (unread.length > longestLine) return void line.destroy();
      for (const json of whole) {
        const read = readMessage(json);
        if (!read.ok) return void line.destroy();
        const message = read.value;
        if (message.type === 'hello') {
          if (!listener.isGenuine(message.instance, message.token)) return void line.destroy();
          instance = message.instance;
          hello(instance, line);
        } else if (instance !== undefined && lines.get(instance) === line) {
          listener.onMessage(instance, message);
          if (message.type === 'finished') send(line, { type: 'recorded', delivery: message.delivery });
        }
      }
    });
    // An HTTP server's sockets stay half open unless told.
    line.on('end', () => line.destroy());
    // 'close' follows, and says all there is to say.
    line.on('error', () => {});
    line.on('close', () => {
      sockets.delete(line);
      if (instance === undefined) return;
      if (held.get(instance) === line) held.delete(instance);
      if (lines.get(instance) !== line) return;
      lines.delete(instance);
      if (open) listener.onDisconnect(instance);
    });
  };

  return {
    upgrade,
    isConnected: (instance) => lines.has(instance),
    deliver: (instance, delivery, order) => {
      send(lines.get(instance), { type: 'run', delivery, order });
      if (faults.current.commandDelivery === 'twice') {
        send(lines.get(instance), { type: 'run', delivery: `${delivery}#2`, order });
      }
    },
    cancel: (instance, delivery) => send(lines.get(instance), { type: 'cancel', delivery }),
    close: () => {
      open = false;
      for (const line of sockets) line.destroy();
    },
  };
}
