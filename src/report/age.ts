const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Gives how long ago something was, in one unit: `42 s`, `5 min`, `3 h`, `12 d`; `0 s` where a clock runs ahead. */
export function age(from: string | number, now: string): string {
  const ms = Math.max(0, Date.parse(now) - (typeof from === 'number' ? from : Date.parse(from)));
  if (Number.isNaN(ms)) return '?';
  if (ms < minute) return `${Math.floor(ms / 1000)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  return ms < 2 * day ? `${Math.floor(ms / hour)} h` : `${Math.floor(ms / day)} d`;
}
