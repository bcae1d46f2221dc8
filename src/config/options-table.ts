import { flagOf, settingOf, variableOf } from './option-names.ts';
import { type Option, options } from './options.ts';

/** Gives the table of options for the README: flag, variable, setting, default, verbs, meaning; Markdown. */
export function optionsTable(): string {
  const header = '| option | variable | setting | default | verbs | meaning |\n| --- | --- | --- | --- | --- | --- |\n';
  return header + options.map(row).join('');
}

function row(option: Option): string {
  const variable = variableOf(option);
  const placeholder = 'placeholder' in option ? ` ${option.placeholder}` : '';
  const short = option.short === undefined ? '' : ` · \`-${option.short}\``;
  const cells = [
    `\`${flagOf(option)}${placeholder}\`${short}`,
    variable === undefined ? '' : `\`${variable}\``,
    variable === undefined ? '' : `\`${settingOf(option)}\``,
    'default' in option && option.default !== undefined ? `\`${option.default}\`` : '',
    option.verbs.join(', '),
    option.help,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
}
