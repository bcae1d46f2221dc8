import { privilegeHelp } from '../../src/cli/privilege-help.ts';
import { program } from '../fleet/program.ts';

interface SudoRule {
  readonly users: readonly string[];
  readonly commands: readonly { readonly command: string; readonly options: readonly string[] }[];
}

interface DoasRule {
  readonly users: readonly string[];
  readonly noPass: boolean;
}

/** What NixOS evaluates the options `security` of a configuration to, as far as we set them. */
export interface Security {
  readonly sudo: { readonly extraRules: readonly SudoRule[] };
  readonly doas: { readonly enable: boolean; readonly extraRules: readonly DoasRule[] };
  readonly polkit: { readonly enable: boolean; readonly extraConfig: string };
}

/** What `flurry --help privilege` prints, as NixOS would write it on a host. */
export interface PrintedRules {
  readonly sudoers: string;
  readonly doasConf: string;
  readonly polkitRules: string;
}

/** Evaluates the Nix text of the help and writes it down as the modules of NixOS do (nixos/modules/security). */
export async function printedRules(): Promise<PrintedRules> {
  const security = await printedSecurity();
  return {
    sudoers: sudoersOf(security),
    doasConf: lines(security.doas.extraRules, doasLine),
    polkitRules: security.polkit.extraConfig,
  };
}

/** Evaluates the Nix text of the help. */
export async function printedSecurity(): Promise<Security> {
  const module = privilegeHelp
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .join('\n');
  const words = ['--extra-experimental-features', 'nix-command', 'eval', '--json', '--expr', `{ ${module} }.security`];
  return JSON.parse((await program('nix', words)).stdout);
}

/** The sudoers file of these rules. */
export function sudoersOf({ sudo }: Pick<Security, 'sudo'>): string {
  return lines(sudo.extraRules, sudoersLine);
}

function lines<Rule extends { readonly users: readonly string[] }>(
  rules: readonly Rule[],
  line: (user: string, rule: Rule) => string,
): string {
  return rules.flatMap((rule) => rule.users.map((user) => `${line(user, rule)}\n`)).join('');
}

function sudoersLine(user: string, { commands }: SudoRule): string {
  const allowed = commands.map(
    ({ command, options }) => `${options.map((option) => `${option}:`).join('')} ${command}`,
  );
  return `${user}     ALL=(ALL:ALL)    ${allowed.join(', ')}`;
}

function doasLine(user: string, { noPass }: DoasRule): string {
  return `permit ${noPass ? 'nopass ' : ''}setenv { SSH_AUTH_SOCK TERMINFO TERMINFO_DIRS } ${user}`;
}
