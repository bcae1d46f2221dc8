import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flurryProgram } from '../deploy/run-flurry.ts';
import { program } from '../fleet/program.ts';
import type { Command } from './timed.ts';

/** What is to be done: these hosts get their configuration of this flake. */
export interface Job {
  readonly names: readonly string[];
  /** A git repository. */
  readonly flake: string;
  readonly sshConfig: string;
  /** The same with a ControlMaster. */
  readonly masterConfig: string;
  readonly buildOn: 'target' | 'local';
  readonly home: string;
  /** Before all other folders of PATH. */
  readonly programs?: string;
}

/** Somebody who can do it. */
export interface Contender {
  readonly name: string;
  command(job: Job): Command;
  /** Puts away what a run leaves behind; not timed. */
  after?(job: Job): Promise<void>;
}

const script = fileURLToPath(new URL('script.sh', import.meta.url));

/** The settle time is a wait that only flurry has, and says nothing of its speed. */
const flurryWords = ['-o', 'json', '--settle', '0s'];

export const flurryContender: Contender = {
  name: 'flurry',
  command: (job) => flurryCommand(job),
};

function flurryCommand(job: Job): Command {
  const build = job.buildOn === 'local' ? ['--build-on', 'local'] : [];
  const args = [flurryProgram, ...flurryWords, '--ssh-config', job.sshConfig, ...build, ...job.names];
  return { program: process.execPath, args, cwd: job.flake, environment: environmentOf(job) };
}

export const scriptContender: Contender = {
  name: 'script',
  command: (job) => scriptCommand(job, job.sshConfig),
};

/** Each run begins without a master connection, as flurry does. */
export const masterContender: Contender = {
  name: 'script, ControlMaster',
  command: (job) => scriptCommand(job, job.masterConfig),
  async after({ names, masterConfig }) {
    for (const name of names) await program('ssh', ['-F', masterConfig, '-O', 'exit', name], { allowFailure: true });
  },
};

/** Other tools, where they are in PATH. None of them was there when this was written: what they do is verified as all is. */
const peers: readonly (Contender & { readonly program: string })[] = [
  peer('nixos-rebuild', 'nixos-rebuild', ({ flake, buildOn }) => {
    const each = `nixos-rebuild switch --flake "$0#$1" --target-host "root@$1" ${buildOn === 'target' ? '--build-host "root@$1"' : ''}`;
    return [
      'sh',
      '-c',
      'flake=$0 each=$1; shift; printf "%s\\n" "$@" | xargs -P 10 -n 1 sh -c "$each" "$flake"',
      flake,
      each,
    ];
  }),
  peer('deploy-rs', 'deploy', ({ flake }) => ['deploy', '--skip-checks', flake, '--']),
  peer('colmena', 'colmena', ({ names }) => ['colmena', 'apply', '--on', names.join(','), '--']),
  peer('deploy-flake', 'deploy-flake', ({ names, flake }) => ['deploy-flake', '--flake', flake, ...names, '--']),
];

/** Those that are here, and the names of those that are not. */
export function foundPeers(): { readonly found: readonly Contender[]; readonly missing: readonly string[] } {
  const found = peers.filter((one) => inPath(one.program));
  return { found, missing: peers.filter((one) => !found.includes(one)).map(({ name }) => name) };
}

function peer(name: string, needed: string, words: (job: Job) => readonly string[]) {
  const command = (job: Job): Command => {
    const [first = needed, ...rest] = words(job);
    const args = rest.at(-1) === '--' ? rest.slice(0, -1) : [...rest, ...job.names];
    return { program: first, args, cwd: job.flake, environment: environmentOf(job) };
  };
  return { name, program: needed, command };
}

function inPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function scriptCommand(job: Job, sshConfig: string): Command {
  const args = [job.buildOn, job.flake, ...job.names];
  return { program: script, args, cwd: job.flake, environment: { ...environmentOf(job), SSH_CONFIG: sshConfig } };
}

/** In which systems can be built here as well, as on the hosts. */
export function environmentOf({
  home,
  sshConfig,
  programs,
}: Pick<Job, 'home' | 'sshConfig' | 'programs'>): Record<string, string> {
  return {
    PATH: [...(programs === undefined ? [] : [programs]), process.env['PATH'] ?? ''].join(':'),
    HOME: home,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    NIX_CONFIG: 'experimental-features = nix-command flakes\nbuild-users-group =\nsandbox = false\nwarn-dirty = false',
    NIX_SSHOPTS: `-F ${sshConfig}`,
  };
}
