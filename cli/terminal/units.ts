const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (value: number): string => String(value).padStart(2, '0');

/** `0.4s`, `12s`, `1m 05s`, `10m`, `2h 03m`, `3d 4h`. */
export function elapsed(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 10 * SECOND) return `${Number((ms / SECOND).toFixed(1))}s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  const [large, small, units] =
    ms < HOUR ? [MINUTE, SECOND, 'ms'] : ms < DAY ? [HOUR, MINUTE, 'hm'] : [DAY, HOUR, 'dh'];
  const rest = Math.floor((ms % large) / small);
  const more = rest === 0 ? '' : ` ${units === 'dh' ? rest : two(rest)}${units[1]}`;
  return `${Math.floor(ms / large)}${units[0]}${more}`;
}

/** The same in whole seconds, for a line that is redrawn. */
export const ticking = (since: number): string => elapsed(Math.floor((Date.now() - since) / SECOND) * SECOND);

/** `just now`, `5m ago`, `3d ago`. */
export function ago(iso: string, now: number): string {
  const ms = now - Date.parse(iso);
  if (ms < 5 * SECOND) return 'just now';
  return `${elapsed(Math.floor(ms / SECOND) * SECOND).split(' ')[0]} ago`;
}

/** `12m old`, `3h old`, `131 days old`: since a day such as 2026-07-01 or an instant, in its largest unit. */
export function age(since: string, now: number): string {
  const ms = Math.max(0, now - Date.parse(since));
  if (ms >= 2 * DAY || !since.includes('T')) return `${counted(Math.floor(ms / DAY), 'day')} old`;
  return `${elapsed(Math.floor(ms / MINUTE) * MINUTE).split(' ')[0]} old`;
}

const INSTANT = /\bat (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z/g;

/** A message whose instants to come are told as `in 14 s (04:47:50Z)`: it was made when they were further away. */
export const soon = (message: string, now: number): string =>
  message.replace(INSTANT, (_, instant: string) => {
    const ms = Date.parse(`${instant}Z`) - now;
    const time = ms < DAY && ms > -DAY ? instant.slice(11) : instant;
    return ms <= 0 ? `at ${time}Z` : `in ${roughly(ms)} (${time}Z)`;
  });

/** `14 s`, `3 min`, `2 h`. */
function roughly(ms: number): string {
  if (ms < 100 * SECOND) return `${Math.ceil(ms / SECOND)} s`;
  return ms < 100 * MINUTE ? `${Math.round(ms / MINUTE)} min` : `${Math.round(ms / HOUR)} h`;
}

/** `512MB`, `15.25GB`. */
export function memory(mib: number): string {
  return mib < 1_024 ? `${mib}MB` : `${Number((mib / 1_024).toFixed(2))}GB`;
}

/** `1 offer`, `1,345 offers`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
