import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apart } from './apart.ts';
import { owned } from './owned.ts';
import type { OnEmpty, OnFull, Request } from './table-requests.ts';

export interface FullTable {
  readonly finished: number;
  readonly items: number;
  readonly seconds: number;
  readonly empty: readonly Request[];
  readonly full: readonly Request[];
}

/** The same requests to two Sorties, with and without `finished` runs in the table when they start. */
export async function benchFullTable(finished: number, repeats: number): Promise<FullTable> {
  const folder = mkdtempSync(join(tmpdir(), 'sortie-bench-sample-'));
  const forget = owned(async () => rmSync(folder, { recursive: true, force: true }));
  try {
    const empty = await apart<OnEmpty>('table-requests.ts', repeats);
    const file = join(folder, 'empty.json');
    writeFileSync(file, JSON.stringify(empty));
    const { rows, items, seconds } = await apart<OnFull>('table-requests.ts', repeats, finished, file);
    return { finished, items, seconds, empty: empty.rows, full: rows };
  } finally {
    await forget();
  }
}

if (import.meta.main)
  console.log(JSON.stringify(await benchFullTable(Number(process.argv[2] ?? 500), 15), null, 1));
