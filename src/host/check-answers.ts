import type { Probe, Tried } from '../core/check.ts';
import { count, duration } from '../core/explain/quantity.ts';
import { lastWords, shown } from '../core/explain/text.ts';

type Of<K extends Probe['kind']> = Extract<Probe, { readonly kind: K }>;

/** What a look at a unit brings. */
interface UnitLook {
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  readonly result: string;
  readonly restarts: number;
  readonly invocation: string;
}

/**
 * Judges one look at a unit after the other: it passes once it was seen active, by the same invocation, for so long. That
 * is our own clock's: what systemd says of times stands still while a host sleeps, and what the shell can ask does not.
 */
export function unitWatch({ activeForMs }: Of<'unit'>): (answer: string, now: number) => Tried {
  let first: { readonly at: number } | undefined;
  let last: UnitLook | undefined;
  let activeSince: number | undefined;
  let restarts = 0;
  return (answer, now) => {
    const look = readLook(answer);
    if (look === undefined) return { outcome: 'failed', seen: saidIn(answer, 'systemd does not answer') };
    if (look.load !== 'loaded') return { outcome: 'failed', seen: notLoaded(look.load) };
    first ??= { at: now };
    const again = last === undefined ? 0 : restartsBetween(last, look);
    restarts += again;
    last = look;
    const isActive = look.active === 'active' || look.active === 'reloading';
    if (!isActive || again > 0) activeSince = undefined;
    if (isActive) activeSince ??= now;
    const flaps = restarts === 0 ? '' : `restarted ${times(restarts)} in ${duration(now - first.at)}, `;
    if (activeSince === undefined) {
      const isStarting = look.active === 'activating' && look.sub !== 'auto-restart' && restarts === 0;
      const why = look.result === 'success' || look.result === '' ? '' : `, ${look.result}`;
      const seen = `${flaps}${shown(look.active, 32)} (${shown(look.sub, 32)}${shown(why, 40)})`;
      return { outcome: isStarting ? 'not-yet' : 'failed', seen };
    }
    const activeMs = now - activeSince;
    if (activeMs >= activeForMs) return { outcome: 'passed', seen: `${flaps}active for ${duration(activeMs)}` };
    const seen = `${flaps}active for ${duration(activeMs)} of ${duration(activeForMs)}`;
    return { outcome: restarts === 0 ? 'not-yet' : 'failed', seen };
  };
}

/** Judges what a program came to that was given so long, and took so long. */
export function judgeCommand(
  answer: string,
  { limitMs, tookMs }: { readonly limitMs: number; readonly tookMs: number },
): Tried {
  const [head = '', ...output] = linesIn(answer);
  const [, exit] = /^exit (\d{1,3})$/.exec(head) ?? [];
  if (exit === undefined) return { outcome: 'failed', seen: saidIn(answer, 'it could not be run') };
  const words = output.join('\n');
  const said = lastWords(words, 160);
  const seen = (how: string): string => (said === null ? how : `${how}: ${said}`);
  if (exit === '0') return { outcome: 'passed', seen: seen('exit 0') };
  const isCut = (exit === '124' || exit === '137') && tookMs >= limitMs;
  return { outcome: 'failed', seen: seen(isCut ? `no end within ${duration(limitMs)}` : `exit ${exit}`) };
}

/** Judges what curl says. */
export function readHttp(answer: string, probe: Of<'http'>): Tried {
  const lines = linesIn(answer);
  const status = lines.map((line) => /^status (\d{3})$/.exec(line)?.[1]).find((found) => found !== undefined);
  if (status === undefined || status === '000') {
    const said = lines.filter((line) => !line.startsWith('status ')).map((line) => line.replace(/^curl: \(\d+\) /, ''));
    return { outcome: 'failed', seen: saidIn(said.join('\t'), 'no answer') };
  }
  return judgeHttp({ status: Number(status), hasBody: lines.includes('found') }, probe);
}

/** Judges an answer; `hasBody`: the text that is wished for occurs in it. */
export function judgeHttp(
  { status, hasBody }: { readonly status: number; readonly hasBody: boolean },
  { status: wanted, body }: Of<'http'>,
): Tried {
  const isWanted = wanted.length === 0 ? status >= 200 && status <= 299 : wanted.includes(status);
  if (!isWanted) return { outcome: 'failed', seen: `http ${status}` };
  if (body === undefined || hasBody) return { outcome: 'passed', seen: `http ${status}` };
  return { outcome: 'failed', seen: `http ${status}, and no "${shown(body, 60)}" in its body` };
}

/** Judges how bash came to connect, given so long. */
export function readTcp(answer: string, limitMs: number): Tried {
  const lines = linesIn(answer);
  const exit = /^exit (\d+)$/.exec(lines.at(-1) ?? '')?.[1];
  if (exit === '0') return { outcome: 'passed', seen: 'connected' };
  if (exit === '124') return { outcome: 'failed', seen: `no answer within ${duration(limitMs)}` };
  const said = lines
    .filter((line) => !line.startsWith('exit '))
    .map((line) => line.replace(/^.*\/dev\/tcp\/\S+: /, ''));
  return { outcome: 'failed', seen: saidIn(said.join('\t'), 'not connected') };
}

function readLook(answer: string): UnitLook | undefined {
  const values = new Map(linesIn(answer).map((line) => [line.replace(/=.*/s, ''), line.replace(/^[^=]*=/, '')]));
  const of = (key: string): string => values.get(key) ?? '';
  if (of('LoadState') === '' || of('ActiveState') === '') return undefined;
  const restarts = /^\d{1,9}$/.test(of('NRestarts')) ? Number(of('NRestarts')) : 0;
  const states = { load: of('LoadState'), active: of('ActiveState'), sub: of('SubState'), result: of('Result') };
  return { ...states, restarts, invocation: of('InvocationID') };
}

/** Its own, which systemd counts, and one by hand, with which that count begins anew. */
function restartsBetween(before: UnitLook, now: UnitLook): number {
  if (now.restarts > before.restarts) return now.restarts - before.restarts;
  const isSame = before.active !== 'active' || now.invocation === '' || now.invocation === before.invocation;
  return isSame ? 0 : 1;
}

function notLoaded(load: string): string {
  return load === 'not-found' ? 'there is no such unit' : `its unit is ${shown(load, 32)}`;
}

function times(number: number): string {
  return number === 1 ? 'once' : count(number, 'time');
}

function linesIn(answer: string): readonly string[] {
  return answer.split('\t').filter((line) => line.trim() !== '');
}

function saidIn(answer: string, otherwise: string): string {
  return lastWords(answer.replaceAll('\t', '\n'), 200) ?? otherwise;
}
