import { printable } from '../untrusted.ts';

/** One line of a remedy: words, or a command to paste. */
export type Line = { readonly say: string } | { readonly run: string };

export const say = (words: string): Line => ({ say: words });
export const run = (command: string): Line => ({ run: command });

/**
 * Joins the lines of a remedy. A command that holds a control code cannot be shown and pasted unchanged, so it is left
 * out, and said so: better no command than another one.
 */
export function remedy(...lines: readonly Line[]): string {
  return lines
    .map((line) => {
      if ('say' in line) return printable(line.say);
      return printable(line.run) === line.run
        ? `  ${line.run}`
        : '(no command to paste: a name in it holds control codes)';
    })
    .join('\n');
}
