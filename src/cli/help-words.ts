import type { Rows } from './verb-help.ts';

/** What `flurry --help` and the man page say of the whole program. */
export const summary = 'deploy a NixOS flake to many hosts at once';

export const introduction =
  'flurry deploys one NixOS flake to many hosts at once, over ssh. Each host builds its new system, tests it, and is judged; only then does the new system become what it boots. A host that is not well keeps what it boots, and disturbs no other.';

export const usualCommands: Rows = [
  ['flurry', 'the hosts of the flake in this folder, and how to go on'],
  ['flurry check web1', 'look at a host and judge it; changes nothing'],
  ['flurry plan web1', 'build on the host, tell what a deploy would do; changes nothing'],
  ['flurry web1 web2', 'deploy to hosts, in parallel; short for flurry deploy web1 web2'],
  ['flurry -f github:me/infra web1', 'deploy another flake'],
  ['flurry status web1 web2', 'what they run and boot, and what is under way'],
  ['flurry rollback web1', 'back to what the last deployment replaced'],
];

export const completionUsage = ['completion SHELL', 'print what teaches bash, zsh or fish to complete'] as const;

export const destinations =
  "A destination (DEST) is [user@]host[:port][/configuration], the same after nixos://, .#name, or what chooses hosts that the flake names. Without /configuration it is the one of the host in the flake, else the one named like the host, else the one named like the host's own hostname.";

export const destinationForms: Rows = [
  ['web1', 'a host of the flake; else an ssh alias or a name'],
  ['root@192.0.2.7/web1', 'user, address and configuration'],
  ["'[2001:db8::7]:2222/web1'", 'IPv6 stands in brackets, and in quotes for the shell'],
  ['nixos://web9', 'an address also where the flake names its hosts and has no web9'],
  ['local', 'this machine, without SSH; to activate there, --confirm must be given'],
  ["'web*'", 'hosts of the flake by their names; in quotes, or the shell puts names of files there'],
  ['@web', 'those with a tag'],
  ['@web+@eu', 'those for which both hold'],
  ['-', 'what standard input names, one or more a line'],
];

export const withoutFlakeWords =
  'Where a flake is in this folder, or named by -f, it tells which hosts are meant, and that needs Nix. With --no-flake, or without a flake, names are addresses for ssh, and no Nix is needed.';

export const nameLaw =
  'Every option but --version, --help and those that choose hosts is also a variable: --connect-timeout 30s = FLURRY_CONNECT_TIMEOUT=30s. A flag beats the variable, the variable beats the flake. A variable for an option that may be repeated holds one value (or pair) a line, and a yes or no is 1 or 0. TIME carries its unit: 500ms, 15s, 10m, 3h, 1h30m. NO_COLOR=1 turns colours off.';

export const exitCodes: Rows = [
  ['0', 'every host ended well'],
  ['1', 'some host was refused, failed, rolled back, unhealthy or unreachable'],
  ['2', 'wrong usage or configuration; no host was touched'],
  ['3', 'some host is in doubt: look at it'],
  ['130', 'interrupted, with every host accounted for'],
];
