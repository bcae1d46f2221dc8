import { printable } from '../untrusted.ts';

/** One line of a remedy: words, or a command to paste. */
export type Line = { readonly say: string } | { readonly run: string };

export const say = (words: string): Line => ({ say: words });
export const run = (command: string): Line => ({ run: command });

// Longer than any command that a person would paste; a name from a hostile host may be megabytes long.
const mostCharacters = 8000;

/**
 * Joins the lines of a remedy. A command that holds a control code cannot be shown and pasted unchanged, so it is left
 * out, and said so: better no command than another one.
 */
export function remedy(...lines: readonly Line[]): string {
  return lines.map((line) => ('say' in line ? printable(line.say) : commandLine(line.run))).join('\n');
}

function commandLine(command: string): string {
  if (command.length > mostCharacters) return '(no command to paste: it would be too long)';
  return printable(command) === command ? `  ${command}` : '(no command to paste: a name in it holds control codes)';
}
