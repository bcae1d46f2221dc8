import { markdownTable } from '../markdown-table.ts';
import type { Option } from '../option.ts';
import { flagOf, settingOf } from '../option-names.ts';
import { isLimit, optionsIn } from './unknown-names.ts';

const titles = ['setting', 'in Nix', 'may stand in', 'option', 'default', 'meaning'] as const;

/** Who a host is: settings that are no options. */
const own: readonly (readonly string[])[] = [
  ['`address`', 'string', 'a host', '', 'its name', 'what ssh is given: a name or address, without user and port'],
  ['`user`', 'string', 'both', '`user@` in a destination', "ssh's own", 'who logs in'],
  ['`port`', 'number', 'both', '`:port` in a destination', "ssh's own", 'of its SSH server'],
  [
    '`configuration`',
    'string',
    'a host',
    '`/configuration` in a destination',
    'its name',
    'which of the nixosConfigurations it gets',
  ],
  ['`tags`', 'list of strings', 'a host', '', '`[ ]`', 'what it is called by together with others: `@web`'],
  [
    '`dependsOn`',
    'list of strings',
    'a host',
    '',
    '`[ ]`',
    'hosts that must be well before it starts, if they are in the run',
  ],
  [
    '`hostKeys`',
    'list of strings',
    'a host',
    '',
    'known_hosts',
    'its public keys, `ssh-ed25519 AAAA…`: it must show one of them',
  ],
  ['`checks`', 'set', 'both', '', '`{ }`', 'what a host must pass, by name: [health checks](health-checks.md)'],
  ['`machineId`', 'string', 'a host', '', '', 'what its /etc/machine-id must hold'],
];

/** Gives the table of what may stand in the output `flurry` of a flake, as Markdown. */
export function settingsTable(): string {
  return markdownTable([titles, ...own, ...optionsIn('defaults').map(cellsOf)]);
}

function cellsOf(option: Option): readonly string[] {
  return [
    `\`${isLimit(option) ? 'limits.' : ''}${settingOf(option)}\``,
    nixType(option),
    option.inFlake === 'run' ? '`defaults`' : 'both',
    `\`${flagOf(option)}\``,
    'default' in option && option.default !== undefined ? `\`${option.default}\`` : '',
    option.help,
  ];
}

function nixType({ kind }: Option): string {
  switch (kind) {
    case 'boolean':
      return 'true, false';
    case 'integer':
      return 'number';
    case 'list':
      return 'list of strings';
    case 'duration':
      return 'string: a time';
    default:
      return 'string';
  }
}
