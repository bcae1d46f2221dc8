const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Gives a length of time as people say it: `0.4 s`, `42 s`, `1 min 30 s`, `3 h`. */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 10 * second && ms % second !== 0) return `${(Math.round(ms / 100) / 10).toString()} s`;
  // Rounded first, so that 59.7 s is `1 min` and not `60 s`.
  const whole = Math.round(ms / second) * second;
  if (whole < minute) return `${whole / second} s`;
  if (whole < hour) return inTwo(whole, { unit: minute, name: 'min' }, { unit: second, name: 's' });
  return inTwo(whole, { unit: hour, name: 'h' }, { unit: minute, name: 'min' });
}

/** Gives a size as `1.4 GiB` or `300 MiB`. */
export function size(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  if (mebibytes >= 1024) return `${Math.round((mebibytes / 1024) * 10) / 10} GiB`;
  return mebibytes >= 1 ? `${Math.round(mebibytes)} MiB` : `${Math.max(0, Math.round(bytes / 1024))} KiB`;
}

/** Gives `1 host`, `3 hosts`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

interface Unit {
  readonly unit: number;
  readonly name: string;
}

function inTwo(milliseconds: number, large: Unit, small: Unit): string {
  const rest = Math.floor((milliseconds % large.unit) / small.unit);
  return `${Math.floor(milliseconds / large.unit)} ${large.name}${rest > 0 ? ` ${rest} ${small.name}` : ''}`;
}
