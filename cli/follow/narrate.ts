import type { RunDetail } from '../../domain/api/run.ts';
import { placeText } from '../../domain/queue/place.ts';
import { termsOfAll } from '../show/offer.ts';
import { painted, retryText } from '../show/status.ts';
import type { LiveLine } from '../terminal/live-line.ts';
import type { Output } from '../terminal/output.ts';
import { soon, ticking } from '../terminal/units.ts';

/** Tells a run's story while it happens: on a terminal in one live line, elsewhere a line for each change. */
export interface Narrator {
  heard(run: RunDetail): void;
  lost(reason: string): void;
}

export function narrator(output: Output, live: LiveLine): Narrator {
  const { paint } = output;
  const since = Date.now();
  let status = '';
  let waiting = '';
  let told = 0;
  const warned = new Set<string>();
  let contact: 'held' | 'lost' = 'held';

  return {
    heard(run) {
      if (contact === 'lost') live.line(paint.dim('back in contact'));
      contact = 'held';
      const job = run.jobs[0];
      // A new submission, or another round: what was refused before it is no longer among them.
      if ((job?.refusals.length ?? 0) < told) told = 0;
      for (const { instance_type, zone, spot, code, message } of job?.refusals.slice(told) ?? [])
        live.line(
          paint.yellow(`${run.name}  refused: ${instance_type} in ${zone}, ${spot}: ${code}: ${message}`),
        );
      told = job?.refusals.length ?? 0;
      for (const warning of warningsOf(run).filter((one) => !warned.has(one))) {
        live.line(paint.yellow(`${run.name}  warning: ${warning}`));
        warned.add(warning);
      }
      const wait = job?.waiting_for?.message ?? '';
      if (wait !== '' && wait !== waiting)
        live.line(paint.yellow(`${run.name}  waiting: ${soon(wait, Date.now())}`));
      waiting = wait;
      if (run.finished_at !== null) return;
      const where = `${retryText(job?.submissions.at(-1)?.number)}${place(run)}`;
      const now = `${run.status}${where}`;
      const inLine = placeInQueue(run);
      if (now !== status && !output.live) output.line(`${run.name}  ${now}`);
      status = now;
      live.show(
        () => `${run.name} ${painted(run.status, run.status, paint)}${where}${inLine} ${ticking(since)}`,
      );
    },
    lost(reason) {
      if (contact === 'held') live.line(paint.yellow(`lost contact with Sortie (${reason}); trying again`));
      contact = 'lost';
    },
  };
}

/** Of the containers that its nodes run in; of several nodes, with the node. */
const warningsOf = ({ jobs }: RunDetail): string[] =>
  jobs.flatMap(({ index, submissions }) =>
    (submissions.at(-1)?.container?.warnings ?? []).map((warning) =>
      jobs.length > 1 ? `node ${index}: ${warning}` : warning,
    ),
  );

/** On the live line only: it changes with every job that comes and goes. */
function placeInQueue({ jobs }: RunDetail): string {
  const place = jobs[0]?.waiting?.place;
  return place ? `, place ${placeText(place)}` : '';
}

function place({ status, jobs }: RunDetail): string {
  const offers = jobs.flatMap(({ submissions }) => submissions.at(-1)?.offer ?? []);
  return offers.length > 0 && ['provisioning', 'pulling', 'running'].includes(status)
    ? ` on ${termsOfAll(offers)}`
    : '';
}
