import type { Why } from '../../domain/api/why.ts';
import type { Output } from '../terminal/output.ts';
import { type Column, table } from '../terminal/table.ts';
import { elapsed, soon } from '../terminal/units.ts';
import { terms } from './offer.ts';
import { painted } from './status.ts';
import { timeColumn } from './time-column.ts';

/** The cause first, then what was asked, then the chain. */
export function whyLines(why: Why, { paint, width }: Output, now: number): string[] {
  const { name, status, cause, nodes, plan, chain } = why;
  const best = plan.best === null ? '' : `; the best: ${terms(plan.best)}`;
  return [
    `${paint.bold(name)}  ${painted(status, soon(cause.message, now), paint)}`,
    paint.dim(
      `asked: ${plan.asked}; ${plan.fitting.toLocaleString('en-US')} of ${plan.considered.toLocaleString('en-US')} offers fit${best}`,
    ),
    ...outputLines(why, paint),
    ...(nodes.length > 1 ? ['', ...table(nodeColumns(paint), nodes, width())] : []),
    '',
    ...table(columns(chain, paint), chain, width()),
    ...(why.more === 'none' ? [] : [paint.dim(`only the latest; all of it: sortie event ${name}`)]),
  ];
}

/** The end of what the job wrote whose end is the cause. */
function outputLines({ output, nodes }: Why, paint: Output['paint']): string[] {
  if (output === null) return [];
  const of = nodes.length > 1 ? ` of node ${output.job}` : '';
  return ['', paint.dim(`the end of the output${of}:`), ...output.lines.map((line) => `  ${line}`)];
}

const nodeColumns = (paint: Output['paint']): Column<Why['nodes'][number]>[] => [
  { title: 'NODE', value: ({ index }) => `${index}`, align: 'right' },
  {
    title: 'STATUS',
    value: ({ status }) => status,
    paint: (text, { status }) => painted(status, text, paint),
  },
  { title: 'EXIT', value: ({ exit_status }) => `${exit_status ?? ''}`, align: 'right' },
  { title: 'SUBMISSION', value: ({ submission }) => `${submission}`, align: 'right', narrow: { drop: 3 } },
  { title: 'INSTANCE', value: ({ instance }) => instance ?? '' },
  { title: 'INSTANCE TYPE', value: ({ instance_type }) => instance_type ?? '', narrow: { drop: 2 } },
  { title: 'ZONE', value: ({ zone }) => zone ?? '', narrow: { drop: 1 } },
];

const columns = (chain: Why['chain'], paint: Output['paint']): Column<Why['chain'][number]>[] => [
  timeColumn(chain, paint),
  { title: 'TOOK', value: ({ lasted_ms: ms }) => (ms === null ? '' : elapsed(ms)), align: 'right' },
  { title: 'WHAT', value: ({ what }) => what, narrow: 'wrap' },
  { title: 'EVENT', value: ({ event }) => event, narrow: { drop: 1 }, paint: paint.dim },
];
