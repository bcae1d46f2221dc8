import { explain, type Place } from '../core/explain.ts';
import type { Problem } from '../core/problem.ts';
import { shellLine } from '../core/shell-quote.ts';
import { printable } from '../core/untrusted.ts';
import { wrapped } from '../report/width.ts';

/**
 * Puts a problem that ends the run before any host is touched into lines for stderr, each problem for itself. On a terminal
 * words are wrapped to its width; commands never are, since they are pasted.
 */
export function problemText(problem: Problem, place: Place = {}, columns?: number): string {
  if (problem.code === 'bad-arguments') return problem.problems.map((one) => problemText(one, place, columns)).join('');
  const { reason, remedy } = explain(problem, place);
  const lines = [...(remedy === null || remedy === '' ? [] : remedy.split('\n')), ...wayRound(problem)];
  return paragraph(reason, lines, columns);
}

/** Says how to go on without the flake, which could not be read. */
export function withoutFlakeText(command: string, columns?: number): string {
  const told = ['the hosts can be reached without it, by the names and addresses that ssh knows:', `  ${command}`];
  return paragraph('no host was touched: the flake is to tell which hosts are meant', told, columns);
}

function paragraph(reason: string, lines: readonly string[], columns: number | undefined): string {
  const prose = (words: string, room = columns): readonly string[] =>
    room === undefined ? [words] : wrapped(words, Math.max(20, room));
  const told = lines.flatMap((line) =>
    line.startsWith('  ') ? [line] : prose(line, columns === undefined ? columns : columns - 2),
  );
  return [...prose(`flurry: ${reason}`), ...told.map((line) => `  ${line}`), ''].join('\n');
}

/** A host may be called like a verb; with the verb in front it is a host. */
function wayRound(problem: Problem): readonly string[] {
  if (problem.code !== 'not-a-verb') return [];
  return ['if a host is called so:', `  ${shellLine(['flurry', 'deploy', problem.word])}`];
}

/** Puts a bug into lines for stderr: what happened, how to report it, and where it was only if asked for. */
export function bugText(thrown: unknown, verbosity: 'message' | 'stack'): string {
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const stack = thrown instanceof Error && verbosity === 'stack' ? (thrown.stack ?? '').split('\n').slice(1) : [];
  return [
    `flurry: flurry itself failed (${printable(message).slice(0, 400)})`,
    '  this is a bug of flurry; please report it with the output of the same command with --verbose',
    ...stack.map((line) => `  ${printable(line)}`),
    '',
  ].join('\n');
}
