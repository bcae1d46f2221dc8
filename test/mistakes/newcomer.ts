import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { inTerminal, type TerminalOptions, type TerminalRun } from '../deploy/drawn-on-terminal.ts';
import { buildsHere } from '../deploy/flake-fixture.ts';
import { flurryProgram } from '../deploy/run-flurry.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';

/** A person who sits in front of a terminal of 80 columns and 24 rows, in the folder of their flake. */
export interface Newcomer {
  /** Their ~/.ssh. */
  readonly sshDirectory: string;
  /** Types a line of shell, or pastes one, and waits for its end. */
  type(line: string, options?: { readonly answers?: TerminalOptions['answers'] }): Promise<TerminalRun>;
  /** The same on another machine of that name, which has the same keys. */
  readonly at: (machine: string) => Newcomer;
}

/**
 * Sits a person down who reaches hosts by nothing but names, as root, with a key that is let in and known host keys. What
 * is theirs (~/.ssh, /etc/hosts, the machine's name) is mounted over this machine's, for what they type alone.
 */
export async function newcomer(
  lease: Lease,
  hosts: Readonly<Record<string, HostHandle>>,
  directory: string,
): Promise<Newcomer> {
  const sshDirectory = join(lease.directory, 'ssh');
  const names = join(lease.directory, 'hosts');
  const programs = join(lease.directory, 'bin');
  for (const path of [sshDirectory, programs, join(lease.directory, 'home')]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
  const known = await readFile(lease.knownHosts, 'utf8');
  const keys = Object.entries(hosts).map(([name, { address }]) => `${name} ${keyOf(address, known)}\n`);
  const write = (path: string, text: string, mode = 0o600) => writeFile(path, text, { mode });
  await write(join(sshDirectory, 'known_hosts'), keys.join(''));
  await write(join(sshDirectory, 'config'), `Host ${Object.keys(hosts).join(' ')}\n  User root\n`);
  await write(join(sshDirectory, 'id_ed25519'), await readFile(lease.identity, 'utf8'));
  await write(join(sshDirectory, 'id_ed25519.pub'), await readFile(`${lease.identity}.pub`, 'utf8'));
  const addresses = Object.entries(hosts).map(([name, { address }]) => `${address} ${name}\n`);
  await write(names, `127.0.0.1 localhost ${hostname()}\n${addresses.join('')}`, 0o644);
  await write(join(programs, 'flurry'), `#!/bin/sh\nexec ${process.execPath} ${flurryProgram} "$@"\n`, 0o755);

  const at = (machine: string): Newcomer => ({
    sshDirectory,
    at,
    type: (line, { answers = [] } = {}) =>
      inTerminal(
        [
          ...['unshare', '--mount', '--uts', '--', 'sh', '-c', theirs, 'sh'],
          ...[sshDirectory, join(userInfo().homedir, '.ssh'), names, machine, line],
        ],
        {
          columns: 80,
          rows: 24,
          cwd: directory,
          environment: {
            PATH: [programs, dirname(process.execPath), process.env['PATH'] ?? ''].join(':'),
            HOME: userInfo().homedir,
            XDG_CACHE_HOME: join(lease.directory, 'home/.cache'),
            XDG_CONFIG_HOME: join(lease.directory, 'home/.config'),
            LC_ALL: 'C.UTF-8',
            NO_COLOR: '1',
            GIT_CONFIG_NOSYSTEM: '1',
            ...buildsHere,
          },
          limitMs: 180_000,
          answers,
        },
      ),
  });
  return at('laptop');
}

// OpenSSH takes the home of the user database, whatever HOME says.
const theirs = `
  mkdir -p "$2" && mount --bind "$1" "$2" && mount --bind "$3" /etc/hosts && hostname "$4" || exit 99
  exec sh -c "$5"`;

function keyOf(address: string, known: string): string {
  const line = known.split('\n').find((one) => one.split(' ')[0]?.split(',').includes(address));
  return line?.split(' ').slice(1, 3).join(' ') ?? '';
}
