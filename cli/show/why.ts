import type { Why } from '../../domain/api/why.ts';
import type { Output } from '../terminal/output.ts';
import { type Column, table } from '../terminal/table.ts';
import { elapsed } from '../terminal/units.ts';
import { terms } from './offer.ts';
import { painted } from './status.ts';

/** The cause first, then what was asked, then the chain. */
export function whyLines(why: Why, { paint, width }: Output): string[] {
  const { name, status, cause, plan, chain } = why;
  const best = plan.best === null ? '' : `; the best: ${terms(plan.best)}`;
  return [
    `${paint.bold(name)}  ${painted(status, cause.message, paint)}`,
    paint.dim(
      `asked: ${plan.asked}; ${plan.fitting.toLocaleString('en-US')} of ${plan.considered.toLocaleString('en-US')} offers fit${best}`,
    ),
    '',
    ...table(columns(paint), chain, width()),
    ...(why.more === 'none' ? [] : [paint.dim(`only the latest; all of it: sortie event ${name}`)]),
  ];
}

const columns = (paint: Output['paint']): Column<Why['chain'][number]>[] => [
  { title: 'TIME (UTC)', value: ({ at }) => at.slice(0, 23).replace('T', ' '), paint: paint.dim },
  { title: 'TOOK', value: ({ lasted_ms: ms }) => (ms === null ? '' : elapsed(ms)), align: 'right' },
  { title: 'WHAT', value: ({ what }) => what, narrow: 'cut' },
  { title: 'EVENT', value: ({ event }) => event, narrow: 'drop', paint: paint.dim },
];
