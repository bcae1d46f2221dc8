import { count, duration } from '../core/explain/quantity.ts';
import type { Checked } from './board.ts';
import type { Look } from './look.ts';

/** What is said of a health check in a line of its own. */
export function checkWords({ check, asks, state, seen, tries, milliseconds }: Checked, look: Look): string {
  const { paint, marks, text } = look;
  const name = `check ${text(check)}`;
  const last = seen === '' ? '' : `: ${text(seen)}`;
  const time = duration(milliseconds);
  const tried = count(tries, 'try').replace('trys', 'tries');
  switch (state) {
    case 'started':
      return `${marks.idle} ${name}: ${text(asks)}`;
    case 'trying':
      return `${marks.idle} waits for ${name}, for ${time}${last}`;
    case 'passed':
      return `${paint.green(marks.good)} ${name} passed after ${time}${last}`;
    case 'failed':
      return paint.red(
        `${marks.bad} ${name} failed after ${time} and ${tried}${seen === '' ? ': nothing was seen' : last}`,
      );
    case 'stopped':
      return `${marks.idle} ${name} was stopped after ${time}${last}`;
  }
}

/** What a host waits for, in the row of it: the check that says most, and how many more there are; empty where for none. */
export function awaitedCheck(checks: readonly Checked[], now: number, look: Look): string {
  const open = checks.filter(({ state }) => state === 'started' || state === 'trying');
  const one = open.find(({ seen }) => seen !== '') ?? open[0];
  if (one === undefined) return '';
  const began = Date.parse(one.at) - one.milliseconds;
  const last = one.seen === '' ? '' : `: ${look.text(one.seen)}`;
  const more = open.length === 1 ? '' : ` and ${open.length - 1} more`;
  return `waits for check ${look.text(one.check)}${more}${last} for ${duration(Math.floor((now - began) / 1000) * 1000)}`;
}
