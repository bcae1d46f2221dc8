import { markdownTable } from './markdown-table.ts';
import type { Option } from './option.ts';
import { flagOf, settingOf, variableOf } from './option-names.ts';
import { options } from './options.ts';

const titles = ['option', 'variable', 'setting', 'default', 'verbs', 'meaning'] as const;

/** Gives the table of options for docs/options.md, as Markdown. */
export function optionsTable(): string {
  return markdownTable([titles, ...options.map(cellsOf)]);
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
