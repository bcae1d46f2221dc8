import type { Option } from './option.ts';
import { flagOf, settingOf, variableOf } from './option-names.ts';
import { options } from './options.ts';

const titles = ['option', 'variable', 'setting', 'default', 'verbs', 'meaning'] as const;

/** Gives the table of options for the README, as Markdown with its columns aligned, which is how Biome keeps it. */
export function optionsTable(): string {
  const rows = [titles, ...options.map(cellsOf)];
  const widths = titles.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const [head, ...body] = rows.map(line);
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('');
}

function cellsOf(option: Option): readonly string[] {
  const variable = variableOf(option);
  const placeholder = 'placeholder' in option ? ` ${option.placeholder}` : '';
  const short = option.short === undefined ? '' : ` · \`-${option.short}\``;
  return [
    `\`${flagOf(option)}${placeholder}\`${short}`,
    variable === undefined ? '' : `\`${variable}\``,
    variable === undefined ? '' : `\`${settingOf(option)}\``,
    'default' in option && option.default !== undefined ? `\`${option.default}\`` : '',
    option.verbs.join(', '),
    option.help,
  ];
}
