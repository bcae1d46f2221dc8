import {
  completionUsage,
  destinationForms,
  destinations,
  exitCodes,
  introduction,
  nameLaw,
  summary,
  usualCommands,
  withoutFlakeWords,
} from '../../src/cli/help-words.ts';
import { type Rows, verbHelp } from '../../src/cli/verb-help.ts';
import { linesOf } from '../../src/cli/wrap.ts';
import { contacting, type Option, optionGroups, verbs } from '../../src/config/option.ts';
import { flagOf } from '../../src/config/option-names.ts';
import { options } from '../../src/config/options.ts';

const environment: Rows = [
  ['NIX_SSHOPTS', 'further options for ssh, as Nix takes them'],
  ['NO_COLOR', 'if set, nothing is coloured'],
  ['XDG_CACHE_HOME', 'where the names of hosts are kept for completions; ~/.cache without it'],
];

const files: Rows = [
  ['~/.ssh/config', 'how hosts are reached: ssh is asked, and what it says counts'],
  ['~/.cache/flurry/hosts', 'names of the hosts of flakes, for completions; may be removed at any time'],
  ['/run/flurry/ID', 'on a host: the deployment that is under way; root only, gone at its end and after a reboot'],
  ['/var/lib/flurry/history.jsonl', 'on a host: how each of the last 200 deployments began and ended'],
  ['/var/lib/flurry/pending.json', 'on a host: there only while a system is being promoted'],
];

const seeAlso = ['ssh(1)', 'ssh_config(5)', 'nix(1)', 'nixos-rebuild(8)', 'journalctl(1)', 'systemd.unit(5)'];

/** Makes the man page of what `--help` is made of: roff with the man macros. */
export function manPage(version: string): string {
  const synopsis = verbs.flatMap((verb) => verbHelp[verb].usage.map((usage) => commandLine(verb, usage)));
  return [
    '.\\" Made by test/cli/man.test.ts of what flurry --help says; not to be edited.',
    `.TH FLURRY 1 "" "flurry ${version}"`,
    '.\\" Neither stretched nor hyphenated: what is to be typed stays as it is.',
    '.ad l',
    '.nh',
    section('NAME', [`flurry \\- ${roff(summary)}`]),
    section('SYNOPSIS', ['.nf', '.B flurry', ...synopsis, '\\fBflurry completion\\fR bash|zsh|fish', '.fi']),
    section('DESCRIPTION', [roff(introduction)]),
    section('VERBS', [
      ...verbs.flatMap((verb) => [
        subsection(`flurry ${verb}`),
        ...verbHelp[verb].text.flatMap((part, index) =>
          typeof part === 'string' ? [...(index === 0 ? [] : ['.PP']), roff(part)] : indented(terms(part, 10)),
        ),
      ]),
      subsection(`flurry ${completionUsage[0]}`),
      `${roff(`Prints what teaches bash, zsh or fish to complete; flurry completion --help says where it goes.`)}`,
    ]),
    section('DESTINATIONS', [roff(destinations), ...terms(destinationForms), '.PP', roff(withoutFlakeWords)]),
    section('OPTIONS', [
      roff('A verb is named where not all of them have the option.'),
      ...optionGroups.flatMap(group),
    ]),
    section('ENVIRONMENT', [roff(nameLaw), ...terms(environment)]),
    section('EXIT STATUS', terms(exitCodes, 6)),
    section('FILES', terms(files)),
    section('EXAMPLES', terms(usualCommands)),
    section('SEE ALSO', [seeAlso.map(manReference).join(',\n')]),
    '',
  ].join('\n');
}

function group(name: (typeof optionGroups)[number]): readonly string[] {
  return [subsection(name), ...options.filter((option) => option.group === name).flatMap(optionTerm)];
}

function optionTerm(option: Option): readonly string[] {
  const placeholder = 'placeholder' in option ? ` \\fI${roff(option.placeholder)}\\fR` : '';
  const short = option.short === undefined ? '' : `\\fB${roff(`-${option.short}`)}\\fR, `;
  const given = 'default' in option && option.default !== undefined ? ` [default: ${option.default}]` : '';
  const whose = contacting.every((verb) => option.verbs.some((own) => own === verb))
    ? ''
    : ` (${option.verbs.join(', ')})`;
  const help = `${option.help.charAt(0).toUpperCase()}${option.help.slice(1)}${whose}.${given}`;
  return ['.TP', `${short}\\fB${roff(flagOf(option))}\\fR${placeholder}`, roff(help)];
}

function section(title: string, lines: readonly string[]): string {
  return [`.SH ${title}`, ...lines].join('\n');
}

function subsection(title: string): string {
  return `.SS ${roff(title)}`;
}

function terms(rows: Rows, width?: number): readonly string[] {
  const tag = width === undefined ? '.TP' : `.TP ${width}`;
  return rows.flatMap(([term, meaning]) => [tag, `.B ${roff(term)}`, roff(meaning)]);
}

function indented(lines: readonly string[]): readonly string[] {
  return ['.RS', '.PD 0', ...lines, '.PD', '.RE'];
}

function commandLine(verb: string, usage: string): string {
  return `\\fBflurry ${verb}\\fR ${roff(usage)}`;
}

function manReference(reference: string): string {
  const [, name = '', number = ''] = /^(.*)\((\d)\)$/.exec(reference) ?? [];
  return `\\fB${roff(name)}\\fR(${number})`;
}

/** Text that roff shows as it is: nothing in it is a request, and its dashes can be copied. */
function roff(text: string): string {
  return linesOf(text, 72).map(roffLine).join('\n');
}

function roffLine(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll("'", '\\(aq')
    .replaceAll('…', '\\&...')
    .replace(/^\./, '\\&.');
}
