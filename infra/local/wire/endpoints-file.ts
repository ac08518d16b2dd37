import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `DATA/endpoints.json`: where the services listen now. Instances read it whenever they reconnect. */
export const endpointsPath = (data: string): string => join(data, 'endpoints.json');

export function publishEndpoint(data: string, service: string, endpoint: string): void {
  const path = endpointsPath(data);
  const known: Record<string, string> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const next = `${path}.next`;
  writeFileSync(next, `${JSON.stringify({ ...known, [service]: endpoint }, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, path);
}
