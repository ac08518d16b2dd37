import type { FleetDetail } from '../../domain/api/fleet.ts';
import type { Client } from '../client/client.ts';
import type { FleetFile } from '../configuration.ts';
import { Exit } from '../exit.ts';
import { fleetPlanLines } from '../show/fleets.ts';
import { confirm } from '../terminal/confirm.ts';
import { err, printJson } from '../terminal/output.ts';
import { during } from '../terminal/progress.ts';

interface Options {
  readonly yes?: true;
  readonly json?: true;
  readonly name?: string;
}

/** Shows what would be created or changed, asks, and does it. Again with the same file it does nothing. */
export async function applyFleet(client: Client, file: FleetFile, options: Options): Promise<void> {
  const { yes, json, name } = options;
  const written = { configuration: file.written, ...(name !== undefined && { name }) };
  const plan = await refusable(file, during('planning', client.planFleet(written)));
  if (!json) for (const line of fleetPlanLines(plan, err.paint)) err.line(line);
  if (plan.action !== 'nothing' && !yes) {
    const question = plan.action === 'create' ? 'Create the fleet?' : 'Change the fleet?';
    if ((await confirm(question)) === 'no') {
      err.line('nothing was changed');
      process.exitCode = Exit.failed;
      return;
    }
  }
  const fleet: FleetDetail = await refusable(file, during('applying', client.applyFleet(written)));
  if (json) printJson({ ...fleet, changes: plan.changes, leaving: plan.leaving });
  else if (plan.action !== 'nothing')
    err.line(
      `fleet ${fleet.name} is ${plan.action === 'create' ? 'created' : 'changed'}. Send runs to it: fleets: [${fleet.name}]   See it: sortie fleet show ${fleet.name}`,
    );
}

/** What the server refuses is told with its place in the file. */
async function refusable<T>({ explain }: FleetFile, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw explain(error);
  }
}
