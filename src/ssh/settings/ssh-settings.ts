import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../core/host.ts';
import { FlurryError } from '../../core/problem.ts';
import type { PinnedKeys } from '../host-keys/pinned-keys.ts';
import { defaultLoginMethods, type LoginMethods, loginMethods } from './login-methods.ts';
import { agentSocket, expandPath, expandProxy, type TokenValues } from './ssh-tokens.ts';

/** What one host's ssh configuration asks for, resolved: nothing is left to expand. */
export interface SshSettings {
  readonly hostname: string;
  /** What it was asked for as, where that is another name. */
  readonly alias?: string;
  readonly port: number;
  readonly user: string;
  /** Stands for the hostname wherever host keys are looked up. */
  readonly hostKeyAlias?: string;
  readonly addressFamily: 0 | 4 | 6;
  readonly bindAddress?: string;
  readonly identityFiles: readonly string[];
  readonly agentKeys: 'all' | 'of-identity-files';
  /** Absent where no agent is to be asked. */
  readonly agentSocket?: string;
  /** Set by the user; only OpenSSH offers them. */
  readonly certificateFiles: readonly string[];
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  /** Instead of what the files say. Absent where no key is pinned. */
  readonly pinned?: PinnedKeys;
  /** `ask`: a person, where there is one. */
  readonly unknownHostKey: 'refuse' | 'append' | 'ask';
  /** StrictHostKeyChecking no: ssh itself goes on past a changed key, which we never do. Absent otherwise. */
  readonly sshTakesChangedKeys?: true;
  readonly login: LoginMethods;
  readonly knownHostsNames: 'plain' | 'hashed';
  /** Absent where the user set none. */
  readonly serverAlive?: { readonly intervalMs: number; readonly countMax: number };
  /** The algorithms that the user's OpenSSH would offer; absent without an OpenSSH. */
  readonly algorithms?: AllowedAlgorithms;
  /** Absent where the user set none, or where a limit was given to flurry itself. */
  readonly connectTimeoutMs?: number;
  /** Options that are set, that ssh2 cannot honour and that must not be ignored; those of its jump hosts, too. */
  readonly beyondBuiltin: readonly { readonly option: string; readonly value: string }[];
  /** By what the host is reached. */
  readonly via: Via;
}

export type Via =
  | { readonly kind: 'direct' }
  | { readonly kind: 'jump'; readonly jump: JumpHost }
  /** Of a ProxyCommand: for a shell, with its tokens expanded. */
  | { readonly kind: 'command'; readonly command: string; readonly shell: string };

/** A host through which another one is reached; where it has jump hosts of its own, these are the ones before it. */
export interface JumpHost {
  /** As ProxyJump spells it: `[user@]host[:port]`. */
  readonly name: string;
  readonly settings: SshSettings;
}

/** What `ssh -G` tells of one host; its jump hosts are named, and nothing is known of them. */
export interface PrintedSettings extends Omit<SshSettings, 'via'> {
  /** The last one, and those before it, the first one first; tokens are expanded. */
  readonly proxyJump?: { readonly last: string; readonly before: string };
  readonly proxyCommand?: Extract<Via, { readonly kind: 'command' }>;
}

export interface AllowedAlgorithms {
  readonly kexalgorithms: readonly string[];
  readonly hostkeyalgorithms: readonly string[];
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
}

type Options = ReadonlyMap<string, readonly string[]>;

// Each would change where we connect to, or whom we trust: to ignore one would be to reach another machine.
const beyondBuiltinOptions = ['bindinterface', 'knownhostscommand', 'verifyhostkeydns', 'pkcs11provider'] as const;

/**
 * Reads what `ssh -G` printed. Throws `ssh-unsupported` for a token in a path that we do not know, `ssh-config` for what
 * cannot be read.
 */
export function parseSshSettings(printed: string, environment: NodeJS.ProcessEnv): PrintedSettings {
  const options = optionsOf(printed);
  const beyondBuiltin = beyondBuiltinOptions.flatMap((option): { option: string; value: string }[] => {
    const value = word(options, option);
    return value === undefined || value === 'no' || value === 'false' ? [] : [{ option, value }];
  });
  const proxyCommand = word(options, 'proxycommand');
  // A socket that the program hands over and leaves.
  if (proxyCommand !== undefined && word(options, 'proxyusefdpass') === 'yes') {
    beyondBuiltin.push({ option: 'proxyusefdpass', value: 'yes' });
  }
  const hostname = required(options, 'hostname');
  const port = number(required(options, 'port'), 'port');
  const user = required(options, 'user');
  const hostKeyAlias = word(options, 'hostkeyalias');
  const original = word(options, 'host') ?? hostname;
  const tokens = { hostname, port, user, original, hostKeyAlias, environment };
  const login = loginMethods((option) => word(options, option));
  const bindAddress = word(options, 'bindaddress');
  const agent = agentSocket(options.get('identityagent')?.[0], tokens);
  const proxyJump = word(options, 'proxyjump');
  const connectTimeout = word(options, 'connecttimeout');
  const intervalMs = 1000 * number(word(options, 'serveraliveinterval') ?? '0', 'serveraliveinterval');
  const countMax = number(word(options, 'serveralivecountmax') ?? '3', 'serveralivecountmax');
  const strictness = word(options, 'stricthostkeychecking');
  return {
    hostname,
    ...(original.toLowerCase() === hostname.toLowerCase() ? {} : { alias: original }),
    port,
    user,
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    addressFamily: familyOf(word(options, 'addressfamily')),
    ...(bindAddress === undefined ? {} : { bindAddress }),
    identityFiles: paths(options, 'identityfile', tokens),
    agentKeys: word(options, 'identitiesonly') === 'yes' ? 'of-identity-files' : 'all',
    ...(agent === undefined ? {} : { agentSocket: agent }),
    certificateFiles: paths(options, 'certificatefile', tokens),
    userKnownHosts: fileList(word(options, 'userknownhostsfile')),
    globalKnownHosts: fileList(word(options, 'globalknownhostsfile')),
    login,
    unknownHostKey: unknownKeyPolicy(strictness, login),
    ...(isOff(strictness) && { sshTakesChangedKeys: true }),
    knownHostsNames: word(options, 'hashknownhosts') === 'yes' ? 'hashed' : 'plain',
    // Zero turns ssh's own watch off; ours stays on.
    ...(intervalMs === 0 || countMax === 0 ? {} : { serverAlive: { intervalMs, countMax } }),
    algorithms: {
      kexalgorithms: commaList(options, 'kexalgorithms'),
      hostkeyalgorithms: commaList(options, 'hostkeyalgorithms'),
      ciphers: commaList(options, 'ciphers'),
      macs: commaList(options, 'macs'),
    },
    // Zero is the system's own limit, as `none` is.
    ...(connectTimeout === undefined || connectTimeout === '0'
      ? {}
      : { connectTimeoutMs: 1000 * number(connectTimeout, 'connecttimeout') }),
    beyondBuiltin,
    ...(proxyJump === undefined ? {} : { proxyJump: hops(expandProxy(proxyJump, 'proxyjump', tokens)) }),
    ...(proxyCommand === undefined ? {} : { proxyCommand: commandFor(proxyCommand, tokens) }),
  };
}

/** What OpenSSH would do without any configuration; for machines that have no OpenSSH. */
export function defaultSshSettings(host: Host, environment: NodeJS.ProcessEnv): SshSettings {
  const folder = join(homedir(), '.ssh');
  const socket = environment['SSH_AUTH_SOCK'];
  return {
    hostname: host.address.toLowerCase(),
    port: host.port ?? 22,
    user: host.user ?? userInfo().username,
    addressFamily: 0,
    identityFiles: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => join(folder, name)),
    agentKeys: 'all',
    ...(socket === undefined || socket === '' ? {} : { agentSocket: socket }),
    certificateFiles: [],
    userKnownHosts: [join(folder, 'known_hosts'), join(folder, 'known_hosts2')],
    globalKnownHosts: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    login: defaultLoginMethods,
    unknownHostKey: 'ask',
    knownHostsNames: 'plain',
    beyondBuiltin: [],
    via: { kind: 'direct' },
  };
}

function optionsOf(printed: string): Options {
  const options = new Map<string, string[]>();
  for (const line of printed.split('\n')) {
    const space = line.indexOf(' ');
    if (space <= 0) continue;
    const name = line.slice(0, space).toLowerCase();
    const value = line.slice(space + 1).trim();
    const values = options.get(name);
    if (values === undefined) options.set(name, [value]);
    else values.push(value);
  }
  return options;
}

/** The option's value; `none` is how `ssh -G` spells that there is none. */
function word(options: Options, name: string): string | undefined {
  const value = options.get(name)?.[0];
  return value === undefined || value === '' || value === 'none' ? undefined : value;
}

function required(options: Options, name: string): string {
  const value = options.get(name)?.[0];
  if (value === undefined || value === '')
    throw new FlurryError({ code: 'ssh-config', said: `ssh -G gave no ${name}` });
  return value;
}

function number(value: string, option: string): number {
  const parsed = Number(value);
  if (Number.isFinite(parsed) && parsed >= 0) return parsed;
  throw new FlurryError({ code: 'ssh-config', said: `ssh -G gave "${value}" as ${option}, which is no number` });
}

function paths(options: Options, name: string, tokens: TokenValues): readonly string[] {
  const values = options.get(name) ?? [];
  return values.filter((value) => value !== 'none').map((value) => expandPath(value, name, tokens));
}

/** `ssh -G` joins paths by spaces and quotes none: a part that does not begin a path belongs to the one before. */
function fileList(joined: string | undefined): readonly string[] {
  return (joined ?? '').split(/ (?=\/)/).filter((path) => path !== '' && path !== 'none');
}

function hops(proxyJump: string): { readonly last: string; readonly before: string } {
  const comma = proxyJump.lastIndexOf(',');
  return { last: proxyJump.slice(comma + 1), before: proxyJump.slice(0, Math.max(0, comma)) };
}

/** As ssh runs it (sshconnect.c, ssh_proxy_connect): in the user's shell, which it replaces. */
function commandFor(proxyCommand: string, tokens: TokenValues): Extract<Via, { readonly kind: 'command' }> {
  const command = `exec ${expandProxy(proxyCommand, 'proxycommand', tokens)}`;
  return { kind: 'command', command, shell: tokens.environment['SHELL'] || '/bin/sh' };
}

function commaList(options: Options, name: string): readonly string[] {
  return (word(options, name) ?? '').split(',').filter((part) => part !== '');
}

function familyOf(value: string | undefined): 0 | 4 | 6 {
  if (value === 'inet') return 4;
  return value === 'inet6' ? 6 : 0;
}

/** `no` still means that a changed key is refused; `ask` is ssh's own default, and refuses where nobody can be asked. */
function unknownKeyPolicy(value: string | undefined, { asks }: LoginMethods): 'refuse' | 'append' | 'ask' {
  if (value === 'accept-new' || isOff(value)) return 'append';
  return (value === 'ask' || value === undefined) && asks === 'person' ? 'ask' : 'refuse';
}

function isOff(value: string | undefined): boolean {
  return value === 'no' || value === 'false' || value === 'off';
}
