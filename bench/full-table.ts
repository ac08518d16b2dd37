import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { owned } from './owned.ts';
import { type Spread, spreadOf } from './spread.ts';
import { startTable, type Table } from './table-process.ts';
import { KINDS, type Kind, type Measured } from './table-requests.ts';

export interface FullTable {
  readonly finished: number;
  readonly items: number;
  /** That the seeding took. */
  readonly seconds: number;
  readonly requests: readonly Compared[];
}

export interface Compared {
  readonly name: string;
  readonly empty: Measure;
  readonly full: Measure;
}

export interface Measure {
  /** Milliseconds. */
  readonly time: Spread;
  /** Capacity units of DynamoDB, per request. */
  readonly units: number;
}

const ROUNDS = 10;

/**
 * The same requests to two Sorties, with and without `finished` runs in the table when they start. They are asked in
 * turns: what else goes on on the machine disturbs both alike.
 */
export async function benchFullTable(finished: number, repeats: number): Promise<FullTable> {
  const folder = mkdtempSync(join(tmpdir(), 'sortie-bench-sample-'));
  const tables: Table[] = [];
  const end = owned(async () => {
    await Promise.all(tables.map((table) => table.end()));
    rmSync(folder, { recursive: true, force: true });
  });
  try {
    const empty = await startTable();
    tables.push(empty);
    const sample = join(folder, 'sample.json');
    writeFileSync(sample, JSON.stringify(empty.ready.origin));
    const full = await startTable(String(finished), sample);
    tables.push(full);
    const requests: Compared[] = [];
    for (const kind of KINDS) requests.push(await compare(kind, empty, full, repeats));
    const { items = 0, seconds = 0 } = full.ready.seeded ?? {};
    return { finished, items, seconds, requests };
  } finally {
    await end();
  }
}

async function compare(kind: Kind, empty: Table, full: Table, repeats: number): Promise<Compared> {
  const count = Math.ceil((kind.startsWith('GET') ? repeats * 10 : repeats) / ROUNDS);
  const [onEmpty, onFull]: [Measured[], Measured[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    onEmpty.push(await empty.measure({ kind, count }));
    onFull.push(await full.measure({ kind, count }));
  }
  return { name: kind, empty: joined(onEmpty), full: joined(onFull) };
}

function joined(rounds: readonly Measured[]): Measure {
  const times = rounds.flatMap((round) => round.times);
  return {
    time: spreadOf(times),
    units: rounds.reduce((sum, round) => sum + round.units, 0) / times.length,
  };
}

if (import.meta.main)
  console.log(JSON.stringify(await benchFullTable(Number(process.argv[2] ?? 500), 20), null, 1));
