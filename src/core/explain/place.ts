import type { Phase } from '../phase.ts';
import type { Elevation } from '../ports.ts';
import { shellLine, shellQuote } from '../shell-quote.ts';
import { shown } from './text.ts';

/** Where a problem was met. */
export interface Place {
  /** The host's name as the person typed it. */
  readonly host?: string | undefined;
  readonly phase?: Phase | undefined;
  /** `[user@]host[:port][/configuration]` as typed. */
  readonly destination?: string | undefined;
  /** What ssh is given for it, where that is known: a flake may say another address, user and port than its name does. */
  readonly login?: Login | undefined;
  /** What the run does, where that changes what is to be mended. */
  readonly verb?: string | undefined;
  /** What to type again for this host only, with the person's own flags, quoted for a shell. */
  readonly command?: string | undefined;
  /** The ssh configuration that was given by --ssh-config; commands to paste must find the host as flurry did. */
  readonly sshConfigFile?: string | undefined;
  /** By what the run becomes root, as it was asked for. */
  readonly elevate?: Elevation | 'auto' | undefined;
  /** The names of the flake's configurations, where they are known. */
  readonly configurations?: readonly string[] | undefined;
  /** The command of another verb for this host, which finds it and becomes root there as this run does. */
  readonly commandTo?: ((verb: string, words: readonly string[]) => string) | undefined;
}

export interface Login {
  readonly user?: string | undefined;
  readonly host: string;
  readonly port?: string | undefined;
}

export interface Explanation {
  /** One sentence, lower case, without full stop; safe to print. */
  readonly reason: string;
  /** Lines of text; a line that begins with two spaces is a command to paste. Null where nothing can be done. */
  readonly remedy: string | null;
}

/** Gives the host as a sentence names it. */
export function nameOf(place: Place): string {
  return shown(place.host ?? place.destination ?? 'the host');
}

/** What is to be mended before the same once more: an earlier system is what it is. */
export function mendFirst(place: Place): string {
  return place.verb === 'rollback'
    ? 'mend on the host what the earlier system needs, or name another one; then:'
    : 'mend the configuration, then:';
}

/** Gives the command that deploys to (or checks) this host alone once more, with further arguments. */
export function again(place: Place, ...argv: readonly string[]): string {
  const command = place.command ?? shellLine(['flurry', place.destination ?? place.host ?? 'HOST']);
  if (argv.length === 0) return command;
  // What stands behind the separator is for Nix. A word that is quoted may hold one as well.
  const [own = command] = /^(?:'[^']*'|\\.|(?! -- )[^'\\])*/.exec(command) ?? [];
  return `${withoutTyped(own, argv)} ${shellLine(argv)}${command.slice(own.length)}`;
}

/** The same with further arguments for Nix, which stand behind the separator. */
export function againWithNix(place: Place, ...argv: readonly string[]): string {
  const command = again(place);
  const hasSome = / -- /.test(command.replace(/'[^']*'/g, ''));
  return `${command}${hasSome ? '' : ' --'} ${shellLine(argv)}`;
}

/** Gives the command of a rollback to this generation instead of what was asked for. */
export function againTo(place: Place, generation: number): string {
  const command = again(place);
  return again({ ...place, command: without(command, '--to-rev') }, '--to', String(generation));
}

/** A limit or an aim that is given anew takes the place of the one that was typed; other options may be given more than once. */
function withoutTyped(own: string, [option, value]: readonly string[]): string {
  if (option === undefined || value === undefined) return own;
  const once =
    ['--to', '--to-rev', '--build-on', '--elevate', '--specialisation'].includes(option) ||
    /^\d+(?:ms|s|m|h)$/.test(value);
  return once ? without(own, option) : own;
}

function without(own: string, option: string): string {
  const words: readonly string[] = own.match(/(?:'[^']*'|\\.|[^'\\\s])+/g) ?? [];
  const at = words.indexOf(option);
  return at < 0 ? own : words.toSpliced(at, 2).join(' ');
}

/** Gives the command of another verb for this host, with further words behind it. */
export function withVerb(
  place: Place,
  verb: 'check' | 'status' | 'attach' | 'confirm' | 'abort' | 'rollback',
  ...words: readonly string[]
): string {
  const { commandTo = commandFor(place) } = place;
  return commandTo(verb, words);
}

function commandFor({ destination, host, sshConfigFile }: Place): (verb: string, words: readonly string[]) => string {
  const flags = sshConfigFile === undefined ? [] : ['--ssh-config', sshConfigFile];
  return (verb, words) => shellLine(['flurry', verb, destination ?? host ?? 'HOST', ...words, ...flags]);
}

/** Gives the same command with the configuration named: `flurry web1/web2`. The person's flags stay. */
export function againAs(place: Place, configuration: string): string {
  const typed = place.destination ?? place.host ?? 'HOST';
  return againWith(place, `${typed.replace(/(?<!\/)\/[^/]*$/, '')}/${configuration}`);
}

/** Gives the same command for another host: `flurry web1`, with the user, port and configuration that were typed. */
export function againFor(place: Place, host: string): string {
  const { host: address } = target(place);
  const typed = place.destination ?? place.host ?? 'HOST';
  const at = typed.indexOf(address, typed.indexOf('@') + 1);
  return againWith(place, at < 0 ? host : `${typed.slice(0, at)}${host}${typed.slice(at + address.length)}`);
}

/** The same command with another destination in the place of the one that was typed. */
function againWith(place: Place, destination: string): string {
  const typed = place.destination ?? place.host ?? 'HOST';
  const named = shellQuote(destination);
  const words = place.command?.split(' ') ?? [];
  const position = [typed, place.host ?? typed].map((name) => words.indexOf(shellQuote(name))).find((at) => at >= 0);
  return position === undefined ? `flurry ${named}` : words.with(position, named).join(' ');
}

/** Gives a command line that runs a program on the host. The remote shell reads the words once more, so they are quoted twice. */
export function onHost(place: Place, ...argv: readonly string[]): string {
  return isHere(place) ? shellLine(argv) : sshLine(place, [], argv);
}

/** The same with a terminal, for a program that may ask. */
export function withTerminal(place: Place, ...argv: readonly string[]): string {
  return isHere(place) ? shellLine(argv) : sshLine(place, ['-t'], argv);
}

/** The same as root: by the program that makes root there and a terminal for its question, unless the login is root's. */
export function onHostAsRoot(place: Place, ...argv: readonly string[]): string {
  const { elevate = 'auto' } = place;
  const isRoot = loginAt(place).user === 'root';
  const by = elevate === 'auto' || elevate === 'none' ? 'sudo' : elevate;
  return isRoot ? onHost(place, ...argv) : withTerminal(place, by, ...argv);
}

/** The destination `local` is this machine. */
function isHere(place: Place): boolean {
  return /^local(\/|$)/.test(place.destination ?? '');
}

function sshLine(place: Place, options: readonly string[], argv: readonly string[]): string {
  const { user, host, port } = loginAt(place);
  const login = user === undefined ? host : `${user}@${host}`;
  const remote = shellLine(argv);
  return shellLine([
    'ssh',
    ...(place.sshConfigFile === undefined ? [] : ['-F', place.sshConfigFile]),
    ...options,
    ...(port === undefined ? [] : ['-p', port]),
    ...(login.startsWith('-') ? ['--', login] : [login]),
  ]).concat(argv.length > 0 ? ` ${remote === argv.join(' ') ? remote : quotedOnceMore(remote)}` : '');
}

/** Words that are quoted already are read more easily within double quotes, where nothing in them is special there. */
function quotedOnceMore(line: string): string {
  return line.includes("'") && !/["$`\\!]/.test(line) ? `"${line}"` : shellQuote(line);
}

function loginAt(place: Place): Login {
  return place.login ?? target(place);
}

/** As the destination was typed. */
function target(place: Place): Login {
  const typed = (place.destination ?? place.host ?? 'HOST').replace(/^nixos:\/\//, '').replace(/^[^/]*#/, '');
  const found =
    /^(?:(?<user>[^@/]+)@)?(?:\[(?<v6>[^\]]+)\]|(?<host>[^:/]+|[0-9A-Fa-f:]+))(?::(?<port>\d+))?(?:\/.*)?$/.exec(
      typed,
    )?.groups;
  if (found === undefined) return { host: place.host ?? typed };
  return { user: found['user'], host: found['v6'] ?? found['host'] ?? typed, port: found['port'] };
}
