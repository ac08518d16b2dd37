import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `FOLDER/endpoints.json`: where the services listen now. */
export const endpointsPath = (folder: string): string => join(folder, 'endpoints.json');

export function publishEndpoint(folder: string, service: string, endpoint: string): void {
  const path = endpointsPath(folder);
  mkdirSync(folder, { recursive: true });
  const known: Record<string, string> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const next = `${path}.next`;
  writeFileSync(next, `${JSON.stringify({ ...known, [service]: endpoint }, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, path);
}
