import type { FleetStatus } from '../core/status.ts';
import { inTone, markOf } from './dress.ts';
import type { Look } from './look.ts';
import { wrapped } from './width.ts';
import type { Tone } from './words.ts';

/** Gives the command that does this on these hosts, ready to paste, with further words behind the hosts. */
export type CommandTo = (verb: StatusVerb, hosts: readonly string[], words?: readonly string[]) => string;
export type StatusVerb = 'check' | 'attach' | 'confirm' | 'abort' | 'rollback' | 'deploy';

export interface StatusLinesOptions {
  /** Prose is wrapped to this width; commands never are, since they are pasted. */
  readonly columns: number;
  readonly look: Look;
  readonly commandTo: CommandTo;
}

export type Seen = { readonly host: string; readonly status: FleetStatus };

/** What is told of one host or several, whose words begin it, with a mark. */
export function block(tone: Tone, words: string, { look, columns }: StatusLinesOptions): readonly string[] {
  const { marks } = look;
  const mark = tone === 'good' ? marks.active : markOf(look, tone);
  return wrapped(look.text(words), columns - 2).map((line, index) =>
    index === 0 ? `${inTone(look, tone, mark)} ${look.paint.bold(line)}` : `  ${look.paint.bold(line)}`,
  );
}

/** What stands below it. */
export function prose(words: string, { look, columns }: StatusLinesOptions): readonly string[] {
  return wrapped(look.text(words), columns - 2).map((line) => `  ${line}`);
}

/** A command to paste. */
export function indented(line: string, { look }: StatusLinesOptions): string {
  return `    ${look.paint.cyan(look.command(line))}`;
}
