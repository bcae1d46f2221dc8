import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flurryProgram } from '../deploy/run-flurry.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { standInFlake } from '../fleet/paths.ts';
import { type ProgramResult, program } from '../fleet/program.ts';

/** Variables of the environment. */
export type Variables = Readonly<Record<string, string>>;

/**
 * A person's machine: a home, names of hosts, and flurry in the PATH. Commands run in a mount namespace in which these
 * are root's home, as ssh looks it up, and /etc/hosts. Nothing of the real machine's user is there.
 */
export interface Workstation {
  readonly home: string;
  /** The program in its PATH. */
  readonly flurry: string;
  /** Runs bash with these words in a folder, and waits for its end, well or not. */
  bash(directory: string, words: readonly string[], variables?: Variables): Promise<ProgramResult>;
  /** The same as words for whoever runs it in another way. */
  argv(directory: string, words: readonly string[], variables?: Variables): readonly string[];
}

export interface WorkstationOptions {
  readonly name: string;
  /** The names by which hosts are found from here. */
  readonly names: ReadonlyMap<string, HostHandle>;
}

/** Makes a machine without keys in a folder of the lease. */
export async function workstation(lease: Lease, { name, names }: WorkstationOptions): Promise<Workstation> {
  const directory = join(lease.directory, name);
  const [home, bin] = [join(directory, 'home'), join(directory, 'bin')];
  const [passwd, hosts] = [join(directory, 'passwd'), join(directory, 'hosts')];
  await mkdir(home, { recursive: true });
  await mkdir(bin, { recursive: true });
  const accounts = await readFile('/etc/passwd', 'utf8');
  await writeFile(passwd, accounts.replace(/^(root:(?:[^:]*:){4})[^:]*/m, `$1${home}`));
  const addresses = [...names].map(([host, { address }]) => `${address} ${host}\n`);
  await writeFile(hosts, `127.0.0.1 localhost\n${addresses.join('')}`);
  await writeFile(join(bin, 'flurry'), `#!/bin/sh\nexec '${process.execPath}' '${flurryProgram}' "$@"\n`);
  await chmod(join(bin, 'flurry'), 0o755);

  // This machine's Nix builds the stand-in's systems, as the hosts' does.
  await mkdir(join(home, '.config', 'nix'), { recursive: true });
  const settings = 'build-users-group =\nsandbox = false\nexperimental-features = nix-command flakes\n';
  await writeFile(join(home, '.config', 'nix', 'nix.conf'), settings);

  const all: Variables = {
    PATH: [bin, dirname(process.execPath), '/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
    HOME: home,
    LC_ALL: 'C.UTF-8',
    ...identity,
    FLURRY_SETTLE: '500ms',
  };
  const argv = (folder: string, words: readonly string[], variables: Variables = {}): readonly string[] => {
    const environment = Object.entries({ ...all, ...variables }).map(([key, value]) => `${key}=${value}`);
    const mounts = 'mount --bind "$1" /etc/passwd; mount --bind "$2" /etc/hosts; cd "$3"; shift 3; exec bash "$@"';
    const namespace = ['unshare', '--mount', '--propagation', 'private', 'sh', '-e', '-c', mounts, 'sh'];
    return ['env', '-i', ...environment, ...namespace, passwd, hosts, folder, ...words];
  };
  return {
    home,
    flurry: join(bin, 'flurry'),
    argv,
    bash: (folder, words, variables) => {
      const [name = '', ...rest] = argv(folder, words, variables);
      return program(name, rest, { allowFailure: true, timeoutMs: 300_000 });
    },
  };
}

/** Gives the machine the fleet's key, and the keys of hosts by the names that ssh knows them by. */
export async function trust(machine: Workstation, lease: Lease, names: ReadonlyMap<string, HostHandle>): Promise<void> {
  const ssh = join(machine.home, '.ssh');
  await mkdir(ssh, { recursive: true, mode: 0o700 });
  await copyFile(lease.identity, join(ssh, 'id_ed25519'));
  await chmod(join(ssh, 'id_ed25519'), 0o600);
  await writeFile(join(ssh, 'known_hosts'), await knownHosts(names));
}

/** Lines of a known_hosts file, as the hosts themselves tell their keys. */
export async function knownHosts(names: ReadonlyMap<string, HostHandle>): Promise<string> {
  const lines = await Promise.all([...names].map(async ([name, host]) => `${name} ${await hostKey(host)}\n`));
  return lines.join('');
}

export async function hostKey(host: HostHandle): Promise<string> {
  const { stdout } = await host.inside('cut -d " " -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub');
  return stdout.trim();
}

/** The public half of a key, as an authorized_keys file has it. */
export async function publicKey(lease: Pick<Lease, 'identity'>): Promise<string> {
  return (await readFile(`${lease.identity}.pub`, 'utf8')).trim();
}

/** What stands for nixpkgs in each example. */
export const standIn = `nixpkgs path:${standInFlake.replace(/\/$/, '')}`;

const identity = {
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.org',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.org',
  GIT_CONFIG_NOSYSTEM: '1',
};
