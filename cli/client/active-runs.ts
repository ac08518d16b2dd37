import type { RunList } from '../../domain/api/run.ts';
import type { Client } from './client.ts';
import { everyPage } from './every-page.ts';

/** All runs that have not ended, newest first. */
export async function activeRuns(client: Client, how?: Parameters<Client['runs']>[1]): Promise<RunList> {
  const runs = await everyPage(
    (cursor) => client.runs({ status: 'active', limit: 200, cursor }, how),
    (page) => page.runs,
  );
  return { runs: runs.reverse() };
}
