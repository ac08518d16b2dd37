import { describe, expect, test } from 'vitest';
import type { GangOrder, Report } from '../../../infra/runner/contract.ts';
import { eventually } from './eventually.ts';
import { newSubmission } from './instance.ts';
import { world } from './world.ts';

const ADDRESS = '127.9.8.7';
const at = world('sh', { env: { SORTIE_INSTANCE_ADDRESS: ADDRESS } });
const NODES = [ADDRESS, '127.9.8.8'];

/** Starts a node that is told to wait until `orders` says something else. */
async function startNode(commands: string[], env: Record<string, string> = {}) {
  const submission = newSubmission();
  const told: { arrived: GangOrder; prepared: GangOrder } = {
    arrived: { order: 'wait' },
    prepared: { order: 'wait' },
  };
  at.server.orders.set(submission, (report) =>
    report.arrived ? told.arrived : report.prepared ? told.prepared : null,
  );
  const bundle = { submission, commands, env, gang: { rank: 0, size: 2 } };
  const answer = await at.instance.startJob(submission, at.server.bundleUrl(bundle));
  const said = (part: keyof Report) => at.server.reports(submission).filter((report) => report[part]);
  const hears = (part: keyof Report) => eventually(part, () => said(part).length > 1);
  return { submission, answer, told, said, hears };
}

describe('a node of a gang', () => {
  test('prepares when it is told to, begins when it is told to, and knows the others', async () => {
    const node = await startNode(
      [
        'echo "$SORTIE_NODES_IPS"; echo $DSTACK_MASTER_NODE_IP; cat "$SORTIE_MPI_HOSTFILE" "$DSTACK_MPI_HOSTFILE"',
      ],
      { SORTIE_GPUS_PER_NODE: '8' },
    );
    expect(node.answer).toEqual({ status: 0, output: 'started' });
    await node.hears('arrived');
    expect(node.said('arrived')[0]?.arrived).toEqual({ address: ADDRESS, sighting: null });
    expect(node.said('prepared')).toEqual([]);
    node.told.arrived = { order: 'prepare', container: null, nodes: NODES };
    await node.hears('prepared');
    expect(node.said('started')).toEqual([]);
    expect(at.instance.read(node.submission, 'started')).toBeNull();
    node.told.prepared = { order: 'go', nodes: NODES };
    const exit = await at.delivered(node.submission);
    expect(exit).toMatchObject({ cause: 'commands', status: 0 });
    const slots = NODES.map((ip) => `${ip} slots=8\n`).join('');
    expect(at.server.log(node.submission).toString()).toBe(
      `${NODES.join('\n')}\n${ADDRESS}\n${slots}${slots}`,
    );
  });

  test.each(['arrived', 'prepared'] as const)('that waits obeys a stop at once (%s)', async (part) => {
    const node = await startNode(['echo never']);
    if (part === 'prepared') node.told.arrived = { order: 'prepare', container: null, nodes: NODES };
    await node.hears(part);
    at.server.stops.set(node.submission, { mode: 'graceful', reason: 'node 1 could not be prepared' });
    expect(await at.delivered(node.submission)).toMatchObject({
      cause: 'stopped',
      status: null,
      message: 'node 1 could not be prepared',
      log_bytes: 0,
    });
    expect(node.said('started')).toEqual([]);
  });

  test('without GPUs leaves the counting of slots to mpirun', async () => {
    const node = await startNode(['cat "$SORTIE_MPI_HOSTFILE"']);
    node.told.arrived = { order: 'prepare', container: null, nodes: NODES };
    node.told.prepared = { order: 'go', nodes: NODES };
    await at.delivered(node.submission);
    expect(at.server.log(node.submission).toString()).toBe(`${NODES.join('\n')}\n`);
  });
});
