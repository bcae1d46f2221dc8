import type { HostResult } from '../core/event.ts';
import { duration } from '../core/explain/quantity.ts';
import type { Phase } from '../core/phase.ts';
import { type Group, grouped } from './alike.ts';
import type { Board } from './board.ts';
import { inTone, markOf } from './dress.ts';
import type { Look } from './look.ts';
import { previewOf, previewRows, previewText } from './preview.ts';
import type { CommandTo } from './status-block.ts';
import { shortToplevel } from './toplevel.ts';
import { cut, wrapped } from './width.ts';
import { isTrouble, verdictWords } from './words.ts';

export interface ParagraphOptions {
  readonly board: Board;
  /** Prose is wrapped to this width; commands never are, since they are pasted. */
  readonly columns: number;
  readonly look: Look;
  /** Names the file that has the whole log of a host, where there is one. */
  readonly logFileOf: (host: string) => string | null;
  /** Gives the command of another verb for these hosts. */
  readonly commandTo: CommandTo;
}

/** Tells of each host that did not make it why, and what to do next; hosts with the same reason share a paragraph. */
export function paragraphs(results: readonly HostResult[], options: ParagraphOptions): readonly string[] {
  const groups = grouped(results.filter(isTold), (host) => previewOf(host, options.board).join('\n'));
  const previews = groups.filter(([{ verdict }]) => verdict === 'previewed').length;
  return groups.flatMap((group) => ['', ...paragraph(group, options, previewRows(previews))]);
}

/** Hosts that did not make it, and those that did with something the person must know. */
function isTold({ verdict }: HostResult): boolean {
  return verdictWords[verdict].tone !== 'good' || ['staged', 'tested', 'previewed'].includes(verdict);
}

const mostNames = 60;
/** The table has the others. */
const mostStates = 8;
const indent = '  ';
const isCommand = (line: string): boolean => line.startsWith('  ');

function paragraph(group: Group, options: ParagraphOptions, mostPreviewed: number): readonly string[] {
  const { look, columns } = options;
  const [first, ...others] = group;
  const { paint, text } = look;
  const prose = (words: string) => wrapped(text(words), columns - indent.length).map((line) => indent + line);
  const remedy = (first.remedy ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => (isCommand(line) ? [`${indent}  ${paint.cyan(look.command(line.trimStart()))}`] : prose(line)));
  const log = logLines(first, others.length, options);
  // Words alone are as true of each.
  const hasCommand = (first.remedy ?? '').split('\n').some(isCommand);
  const example = (hasCommand || log.length > 0) && others.length > 0;
  return [
    ...heading(group, options),
    ...(others.length > 0 ? prose(namesOf(group)) : []),
    ...(verdictWords[first.verdict].tone === 'good' ? [] : prose(first.reason)),
    ...(first.verdict === 'previewed' ? previewText(first.host, options, mostPreviewed) : []),
    ...stateLines(group, options),
    ...(example ? prose(`for ${text(first.host)}, and likewise for the others:`).map((line) => paint.dim(line)) : []),
    ...log,
    ...logFileLines(first, options),
    ...remedy,
  ];
}

/** `✗ web2 failed in build after 12 s; it was not changed` */
function heading(group: Group, { board, look, columns }: ParagraphOptions): readonly string[] {
  const [first, ...others] = group;
  const { label, tone, now } = verdictWords[first.verdict];
  const who = others.length === 0 ? look.text(first.host) : `${group.length} hosts`;
  const phase = others.length === 0 && isTrouble(first.verdict) ? troublePhase(first, board) : null;
  const where = phase === null ? '' : ` in ${phase} after ${duration(first.seconds * 1000)}`;
  const head = `${markOf(look, tone)} ${who} ${label}`;
  return wrapped(`${head}${where}; ${now[others.length === 0 ? 0 : 1]}`, columns).map((line, index) => {
    // A head that did not fit on one line is painted as far as it goes.
    const painted = index === 0 ? Math.min(head.length, line.length) : 0;
    return look.paint.bold(inTone(look, tone, line.slice(0, painted))) + line.slice(painted);
  });
}

/** One that had ended before it was joined was only looked at by this run. */
function troublePhase({ host, verdict }: HostResult, board: Board): Phase | null {
  const phase = phaseOf(host, board);
  return phase === 'observe' && (verdict === 'rolled-back' || verdict === 'in-doubt') ? null : phase;
}

function namesOf(group: Group): string {
  const names = group.slice(0, mostNames).map(({ host }) => host);
  const rest = group.length - names.length;
  return names.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function phaseOf(name: string, board: Board): Phase | null {
  const stage = board.host(name)?.stage;
  if (stage === undefined || stage.kind === 'waiting') return null;
  return stage.phase;
}

/**
 * What hosts run and boot, as last read from them: of those that were or may have been changed; and of one that was not,
 * where it is known.
 */
function stateLines(group: Group, { look, columns }: ParagraphOptions): readonly string[] {
  const [first, ...others] = group;
  const { tone } = verdictWords[first.verdict];
  const isKnown = others.length === 0 && (first.running !== null || first.bootDefault !== null);
  if (tone !== 'alarm' && tone !== 'warned' && !(tone === 'bad' && isKnown)) return [];
  const room = columns - indent.length;
  const state = (result: HostResult): string => {
    const read = runsAndBoots(result, look);
    if (tone === 'alarm') return `last read: ${read}`;
    if (tone === 'warned') return read;
    return `it ${result.running === result.bootDefault ? 'still ' : ''}${read}`;
  };
  const painted = (line: string): string => indent + look.paint.bold(line);
  if (others.length === 0) return wrapped(state(first), room).map(painted);
  const rest = group.length - mostStates;
  const lines = group
    .slice(0, mostStates)
    .map((result) => painted(cut(`${look.text(result.host)}: ${state(result)}`, room, look.marks.ellipsis)));
  return rest > 0 ? [...lines, `${indent}${look.marks.ellipsis} and ${rest} more: in the table above`] : lines;
}

function runsAndBoots({ host, running, bootDefault }: HostResult, look: Look): string {
  const named = (path: string | null) => (path === null || path === '' ? null : look.text(shortToplevel(path, host)));
  const [runs, boots] = [named(running), named(bootDefault)];
  if (runs === null && boots === null) return 'nothing is known of what it runs and boots';
  if (runs === boots) return `runs ${runs}, and boots the same`;
  return `runs ${runs ?? '(unknown)'}, boots ${boots ?? '(unknown)'} next`;
}

const loggedPhases: readonly (Phase | null)[] = ['copy', 'build', 'preview', 'gate', 'test', 'verify', 'promote'];

function logLines(result: HostResult, others: number, { board, look, columns }: ParagraphOptions): readonly string[] {
  const state = board.host(result.host);
  if (state === undefined || !isTrouble(result.verdict) || !loggedPhases.includes(phaseOf(result.host, board)))
    return [];
  // Of several whose state is in doubt, what one of them printed must not push the others off the screen.
  const isAside = others > 0 && verdictWords[result.verdict].tone === 'alarm';
  return state.tail
    .slice(isAside ? -2 : 0)
    .map(
      (line) =>
        `${indent}${look.paint.dim(`${look.marks.bar} `)}${cut(look.text(line), columns - 4, look.marks.ellipsis)}`,
    );
}

function logFileLines({ host, verdict }: HostResult, { look, logFileOf }: ParagraphOptions): readonly string[] {
  const file = logFileOf(host);
  return file === null || !isTrouble(verdict) ? [] : [`${indent}its whole log: ${look.command(file)}`];
}
