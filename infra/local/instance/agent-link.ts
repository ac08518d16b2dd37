import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { ToAgent, ToService } from './protocol.ts';

const longestPauseMs = 500;

/**
 * The agent's line to SSM: an upgraded HTTP connection with a JSON document per line each way. It reconnects for ever,
 * and reads where SSM is each time: a restarted host listens elsewhere.
 */
export function openLink(options: {
  readonly path: string;
  readonly endpoints: string;
  readonly openAfterMs: number;
  readonly onOpen: () => void;
  readonly onMessage: (message: ToAgent) => void;
}): { send(message: ToService): void } {
  let socket: Socket | undefined;
  let pause = 10;

  const reconnect = () => {
    setTimeout(open, pause);
    pause = Math.min(pause * 2, longestPauseMs);
  };

  const open = () => {
    const service = readService(options.endpoints);
    if (!service) return reconnect();
    const line = connect(Number(service.port), service.hostname);
    line.setNoDelay(true).setEncoding('utf8');
    // 'close' follows, and reconnects.
    line.on('error', () => {});
    line.on('close', () => {
      if (socket === line) socket = undefined;
      reconnect();
    });
    line.write(
      `GET ${options.path} HTTP/1.1\r\nHost: ${service.host}\r\nConnection: Upgrade\r\nUpgrade: sortie-agent\r\n\r\n`,
    );
    let unread = '';
    let upgraded = false;
    line.on('data', (chunk: string) => {
      unread += chunk;
      if (!upgraded) {
        const end = unread.indexOf('\r\n\r\n');
        if (end < 0) return;
        if (!unread.startsWith('HTTP/1.1 101')) return void line.destroy();
        unread = unread.slice(end + 4);
        upgraded = true;
        socket = line;
        pause = 10;
        options.onOpen();
      }
      const lines = unread.split('\n');
      unread = lines.pop() ?? '';
      for (const json of lines) options.onMessage(JSON.parse(json));
    });
  };

  setTimeout(open, options.openAfterMs);
  return { send: (message) => void socket?.write(`${JSON.stringify(message)}\n`) };
}

function readService(path: string): URL | undefined {
  try {
    const { ssm } = JSON.parse(readFileSync(path, 'utf8')) as { ssm?: string };
    return ssm === undefined ? undefined : new URL(ssm);
  } catch {
    // Not written yet, or being replaced: the next attempt reads it.
    return undefined;
  }
}
