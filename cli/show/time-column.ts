import type { Output } from '../terminal/output.ts';
import type { Column } from '../terminal/table.ts';

/** When each was: the day stands in the title where it is the same for all. */
export function timeColumn<Row extends { readonly at: string }>(
  rows: readonly Row[],
  paint: Output['paint'],
): Column<Row> {
  const days = new Set(rows.map(({ at }) => at.slice(0, 10)));
  const [day] = days;
  const value =
    days.size === 1 ? ({ at }: Row) => at.slice(11, 23) : ({ at }: Row) => at.slice(0, 23).replace('T', ' ');
  return { title: days.size === 1 ? `${day} UTC` : 'TIME (UTC)', value, paint: paint.dim };
}
