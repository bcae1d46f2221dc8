import { belongs } from '../config/given.ts';
import { type Option, optionGroups, type Verb, verbs, withoutRelease } from '../config/option.ts';
import { usageOf } from '../config/option-names.ts';
import { options } from '../config/options.ts';
import {
  completionUsage,
  destinationForms,
  destinations,
  exitCodes,
  introduction,
  nameLaw,
  usualCommands,
  withoutFlakeWords,
} from './help-words.ts';
import { privilegeHelp } from './privilege-help.ts';
import { type Rows, verbHelp } from './verb-help.ts';
import { linesOf } from './wrap.ts';

/** Gives the text of `--help`: of the program, of one verb, or of how hosts let flurry become root. */
export function helpText(topic: Verb | 'privilege' | undefined, columns = 80): string {
  // Long lines are hard to read, and the forms of some options need their room.
  const width = Math.min(Math.max(columns, 60), 100);
  if (topic === 'privilege') return privilegeHelp;
  return topic === undefined ? programHelp(width) : helpOfVerb(topic, width);
}

function programHelp(width: number): string {
  const usual = options.filter((option) => 'short' in option || option.name === 'goal');
  return [
    wrapped(introduction, width),
    titled('The usual commands', rows(usualCommands, width)),
    titled('Verbs', rows([...verbs.map((verb) => verbRow(verb)), completionUsage], width)),
    destinationHelp(width),
    titled('The usual options', rows(usual.map(optionRow), width)),
    exitCodeHelp(width),
    titled(
      'More',
      rows(
        [
          ['flurry VERB --help', 'a verb with all its options'],
          ['flurry --help privilege', 'what a host needs to let you become root'],
          ['man flurry', 'everything'],
        ],
        width,
      ),
    ),
  ].join('\n');
}

function helpOfVerb(verb: Verb, width: number): string {
  const { usage, text } = verbHelp[verb];
  return [
    usage.map((one) => `flurry ${verb} ${one}\n`).join(''),
    ...text.map((part) => (typeof part === 'string' ? wrapped(part, width) : rows(part, width))),
    destinationHelp(width),
    ...(withoutRelease.some((one) => one === verb) ? [wrapped(withoutFlakeWords, width)] : []),
    groupsOf(verb)
      .map(({ group, members }) => titled(group, rows(members.map(optionRow), width)))
      .join(''),
    wrapped(nameLaw, width),
    exitCodeHelp(width),
  ].join('\n');
}

/** The options of a verb as they are grouped. */
export function groupsOf(verb: Verb): readonly { readonly group: string; readonly members: readonly Option[] }[] {
  return optionGroups
    .map((group) => ({ group, members: options.filter((one) => one.group === group && belongs(one, verb)) }))
    .filter(({ members }) => members.length > 0);
}

function destinationHelp(width: number): string {
  return wrapped(destinations, width) + rows(destinationForms, width);
}

function exitCodeHelp(width: number): string {
  return titled('Exit codes', rows(exitCodes, width, 5));
}

function verbRow(verb: Verb): readonly [string, string] {
  const { usage, summary } = verbHelp[verb];
  return [`${verb} ${usage[0]?.replace(/ (?:\[options\]|\[--).*$/, '')}`, summary];
}

function optionRow(option: Option): readonly [string, string] {
  const given = 'default' in option && option.default !== undefined ? ` [${option.default}]` : '';
  return [usageOf(option), `${option.help}${given}`];
}

function titled(title: string, text: string): string {
  return `${title}:\n${text}`;
}

/** A table whose second column goes on below itself, and begins on the next line where the first one is too long. */
function rows(table: Rows, width: number, first = 32): string {
  const indent = ' '.repeat(first + 2);
  return table
    .map(([term, meaning]) => {
      const [line = '', ...others] = linesOf(meaning, width - indent.length);
      const head = term.length < first ? [`  ${term.padEnd(first)}${line}`] : [`  ${term}`, `${indent}${line}`];
      return [...head, ...others.map((other) => `${indent}${other}`), ''].join('\n');
    })
    .join('');
}

function wrapped(text: string, width: number): string {
  return `${linesOf(text, width).join('\n')}\n`;
}
