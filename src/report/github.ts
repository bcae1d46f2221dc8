import type { Ci } from './ci.ts';

/**
 * GitHub Actions: workflow commands on lines of their own. The runner takes a line for a command where it begins with
 * `::`, white space before it or not, and where `##[` stands anywhere in it (actions/runner, ActionCommand.cs). So both
 * are broken in all that is no command of ours, rather than commands stopped: that would stop our own as well.
 */
export const github: Ci = {
  name: 'github',
  opens: ({ title }) => `::group::${data(title)}`,
  closes: () => '::endgroup::',
  harmless: (text) => text.replaceAll('##[', '# #[').replaceAll(/^([^\S\n]*):(?=:)/gm, '$1: '),
};

/** Gives the command that shows an annotation beside the job, and a line in its log. The texts hold no control codes but line feeds. */
export function annotation(level: 'error' | 'warning', title: string, message: string): string {
  return `::${level} title=${property(title)}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
