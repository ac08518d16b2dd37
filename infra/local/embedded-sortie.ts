import { createServer } from 'node:net';
import { memorySortie } from '../../test/cli/memory-cloud.ts';
import { served, TOKEN } from '../../test/cli/served.ts';
export async function startEmbedded({ port, onProgress }: { port: number; dataDir: string; onProgress: (w: string) => void }) {
  onProgress('DynamoDB');
  if (port) await new Promise((y, n) => { const s = createServer().on('error', n).listen(port, '127.0.0.1', () => s.close(y)); });
  await new Promise((r) => setTimeout(r, 300));
  const s = memorySortie(); const h = await served(s.api, s.failures);
  return { url: h.url, token: TOKEN, close: async () => { s.end(); await h.down(); } };
}
