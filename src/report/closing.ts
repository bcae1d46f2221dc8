import type { HostResult } from '../core/event.ts';
import { count, duration } from '../core/explain/quantity.ts';
import { isWell } from '../core/verdict.ts';
import type { Board, HostState, RunStarted } from './board.ts';
import { inTone } from './dress.ts';
import type { Look } from './look.ts';
import type { Piece } from './row.ts';
import { widthOf } from './width.ts';
import { countedVerdicts, verdictWords } from './words.ts';

export interface ClosingOptions {
  readonly board: Board;
  readonly columns: number;
  readonly look: Look;
  readonly now: number;
  /** Gives the exact command for these hosts. */
  readonly retryCommand: (hosts: readonly string[]) => string;
}

/**
 * The last words: how the run ended, and what to type for the hosts that did not make it, where the same once more can
 * end otherwise.
 */
export function closing(results: readonly HostResult[], options: ClosingOptions): readonly string[] {
  const { board, columns, look, now, retryCommand } = options;
  const hosts = board.hosts();
  const verb = board.started()?.verb;
  const time = duration((Date.parse(board.ended()?.at ?? '') || now) - Date.parse(board.started()?.at ?? ''));
  const pieces = endOf(hosts, results, { verb, look, time });
  const said = pieces.map(({ text, paint = (plain: string) => plain }) => paint(text)).join('');
  const again = hosts.filter((host) => isBehind(host) && canEndOtherwise(host, verb)).map(({ name }) => name);
  if (again.length === 0) return [said];
  const others = again.length === 1 ? 'other' : 'others';
  const how = again.length === hosts.length ? 'again:' : `for the ${others} again:`;
  const fits = widthOf(pieces.map(({ text }) => text).join('')) + 2 + how.length <= columns;
  return [...(fits ? [`${said}; ${how}`] : [`${said};`, how]), look.command(retryCommand(again))];
}

interface Told {
  readonly verb: RunStarted['verb'] | undefined;
  readonly look: Look;
  readonly time: string;
}

function endOf(hosts: readonly HostState[], results: readonly HostResult[], told: Told): readonly Piece[] {
  const { verb, look, time } = told;
  const { bold, green } = look.paint;
  const behind = hosts.filter(isBehind);
  if (behind.length === 0) return [{ text: `${numbers(results)} in ${time}`, paint: green.bold }];
  const [only, ...others] = hosts;
  if (only !== undefined && others.length === 0) return ofOne(only, told);
  const made = verb === 'abort' ? results.filter(isStopped).length : hosts.length - behind.length;
  const total = `${made === 0 ? 'none' : made} of ${count(hosts.length, 'host')} ${madeIt(verb)} in ${time}`;
  return [{ text: total, paint: bold }, ...alarms(results, told)];
}

/** `web1 refused in 3.4 s`; why and what to do has just been said. */
function ofOne({ name, stage }: HostState, { verb, look, time }: Told): readonly Piece[] {
  const host = { text: look.text(name), paint: look.paint.bold };
  if (stage.kind !== 'ended') return [host, { text: ` has no verdict after ${time}` }];
  const { result } = stage;
  if (verb === 'abort' && isStopped(result)) {
    const how = result.verdict === 'rolled-back' ? 'put back' : 'left as it was,';
    return [{ ...host, text: `${host.text} was ${how} as asked, in ${time}` }];
  }
  const { label, tone } = verdictWords[result.verdict];
  return [host, { text: ' ' }, { text: label, paint: (text) => inTone(look, tone, text) }, { text: ` in ${time}` }];
}

function madeIt(verb: Told['verb']): string {
  switch (verb) {
    case 'check':
      return 'healthy';
    case 'status':
    case 'history':
      return 'answered';
    case 'abort':
      return 'stopped as asked';
    default:
      return 'made it';
  }
}

/** Whatever scrolled away: the end of the text says that there are hosts to look at. */
function alarms(results: readonly HostResult[], { verb, look }: Told): readonly Piece[] {
  return (['in-doubt', 'rolled-back'] as const).flatMap((verdict) => {
    const number = results.filter((result) => result.verdict === verdict).length;
    if (number === 0 || (verb === 'abort' && verdict === 'rolled-back')) return [];
    const { label, tone } = verdictWords[verdict];
    return [{ text: ', ' }, { text: `${number} ${label}`, paint: (text: string) => inTone(look, tone, text) }];
  });
}

function isBehind({ stage }: HostState): boolean {
  return stage.kind !== 'ended' || !isWell(stage.result.verdict) || stage.result.verdict === 'skipped';
}

/** An abort is there for that, whatever the exit code says of the deployment. */
function isStopped({ verdict, code }: HostResult): boolean {
  return verdict === 'rolled-back' || code === 'not-released';
}

/** What was joined ends as it ends: the same once more is of use only where the host was not reached, or left. */
function canEndOtherwise({ stage }: HostState, verb: Told['verb']): boolean {
  if (verb !== 'attach' && verb !== 'confirm' && verb !== 'abort') return true;
  return stage.kind !== 'ended' || stage.result.verdict === 'unreachable' || stage.phase === 'connect';
}

/** `2 hosts promoted, 1 unchanged` */
function numbers(results: readonly HostResult[]): string {
  const parts = countedVerdicts.flatMap((verdict) => {
    const number = results.filter((result) => result.verdict === verdict).length;
    return number > 0 ? [{ number, label: verdictWords[verdict].label }] : [];
  });
  return parts.map(({ number, label }, index) => `${index === 0 ? count(number, 'host') : number} ${label}`).join(', ');
}
