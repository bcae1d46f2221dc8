import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where runs keep their disks and records: never shared with other users, unlike /tmp. */
export const stateRoot = process.env['FLURRY_FLEET_ROOT'] ?? '/var/lib/flurry-fleet';

/** Where root file systems are kept from one run to the next. */
export const cacheRoot = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'flurry');

/** The flake of the stand-in for nixpkgs, whose base system every host starts with. */
export const standInFlake = fileURLToPath(new URL('../nixpkgs/', import.meta.url));

export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));

export const cliPath = fileURLToPath(new URL('cli.ts', import.meta.url));

export const runsDirectory = join(stateRoot, 'runs');

/** Held while runs are registered or reaped and while a subnet is chosen. */
export const registryLock = join(stateRoot, 'registry.lock');

/** What was changed on this machine, to be undone by `npm run fleet:clean`. */
export const changesFile = join(stateRoot, 'changes.json');

export interface RunPaths {
  readonly directory: string;
  readonly record: string;
  readonly ownerLock: string;
  readonly state: string;
  readonly identity: string;
  readonly knownHosts: string;
  readonly sshConfig: string;
  readonly leases: string;
  readonly log: string;
}

export function runPaths(runId: string): RunPaths {
  const directory = join(runsDirectory, runId);
  return {
    directory,
    record: join(directory, 'record.json'),
    ownerLock: join(directory, 'owner.lock'),
    state: join(directory, 'fleet.json'),
    identity: join(directory, 'id_ed25519'),
    knownHosts: join(directory, 'known_hosts'),
    sshConfig: join(directory, 'ssh_config'),
    leases: join(directory, 'leases'),
    log: join(directory, 'keeper.log'),
  };
}

/** A script of ours that runs on this machine or inside a host. */
export function scriptPath(name: string): string {
  return fileURLToPath(new URL(`scripts/${name}`, import.meta.url));
}
