import { fail, ok, type Result } from '../../../domain/kernel/result.ts';
import type { Bundle } from '../contract.ts';
import { exchange, isPassing } from './exchange.ts';

/** start-job waits for it, and should return within seconds. */
const PATIENCE_MS = 30_000;

/**
 * The bundle behind a presigned URL, or why there is none. The reason never has the URL: whoever has that has the
 * bundle's secrets.
 */
export async function fetchBundle(url: string): Promise<Result<Bundle, string>> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let pause = 100; ; pause = Math.min(2 * pause, 3_000)) {
    const reply = await exchange(url, { method: 'GET' }).catch((error: Error) => error);
    if (!(reply instanceof Error) && reply.status === 200) return parse(reply.body);
    const what = reply instanceof Error ? reply.message.replaceAll(url, 'its URL') : `HTTP ${reply.status}`;
    const passing = reply instanceof Error || isPassing(reply.status);
    if (!passing || Date.now() + pause > deadline) {
      return fail(`cannot fetch the bundle: ${what}; the next submission gets a new URL`);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function parse(text: string): Result<Bundle, string> {
  try {
    const bundle = JSON.parse(text) as Bundle;
    if (bundle.version === 1) return ok(bundle);
    return fail(
      `the bundle has version ${bundle.version}, this runner knows 1; deploy Sortie's documents again`,
    );
  } catch {
    return fail('the bundle is not JSON');
  }
}
