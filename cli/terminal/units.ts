const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (value: number): string => String(value).padStart(2, '0');

/** `4s`, `1m 05s`, `2h 03m`, `3d 4h`. */
export function elapsed(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m ${two(Math.floor((ms % MINUTE) / SECOND))}s`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h ${two(Math.floor((ms % HOUR) / MINUTE))}m`;
  return `${Math.floor(ms / DAY)}d ${Math.floor((ms % DAY) / HOUR)}h`;
}

/** `just now`, `5m ago`, `3d ago`. */
export function ago(iso: string, now: number): string {
  const ms = now - Date.parse(iso);
  if (ms < 5 * SECOND) return 'just now';
  return `${elapsed(ms).split(' ')[0]} ago`;
}

/** Whole days since a date such as 2026-07-01. */
export const daysSince = (date: string, now: number): number =>
  Math.max(0, Math.floor((now - Date.parse(date)) / DAY));

/** `$0.0104`, `$1.212`, `$32.77`: up to four decimals, at least two. */
export function dollars(amount: number): string {
  if (amount > 0 && amount < 0.0001) return '<$0.0001';
  return `$${amount.toFixed(4).replace(/0{1,2}$/, '')}`;
}

/** `512MB`, `15.25GB`. */
export function memory(mib: number): string {
  return mib < 1_024 ? `${mib}MB` : `${Number((mib / 1_024).toFixed(2))}GB`;
}

/** `1 offer`, `1,345 offers`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
