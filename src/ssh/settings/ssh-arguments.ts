import type { Host } from '../../core/host.ts';
import { nixSshOptions } from './nix-ssh-options.ts';

/** What was said about ssh beside its own configuration. */
export interface SshWishes {
  /** Read instead of the user's and the system's ssh configuration, as `ssh -F` does. */
  readonly sshConfigFile?: string | undefined;
  /** Of --ssh-option, as `ssh -o` takes them. */
  readonly sshOptions?: readonly string[] | undefined;
  /** NIX_SSHOPTS counts. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Gives the arguments by which `ssh` finds a host: options, then `--` and the address. Of each option the first value
 * counts: the destination's, then those of the command line or the flake, of NIX_SSHOPTS, and of the configuration file.
 * The destination must have been checked (checkDestination). Throws `ssh-config` for a NIX_SSHOPTS that cannot be read.
 */
export function destinationArguments(host: Host, wishes: SshWishes): readonly string[] {
  const { configFile, words } = nixSshOptions(wishes.environment);
  return [
    ...configArguments(wishes.sshConfigFile ?? configFile),
    ...(host.user === undefined ? [] : ['-l', host.user]),
    ...(host.port === undefined ? [] : ['-p', String(host.port)]),
    ...(host.reach?.sshOptions ?? wishes.sshOptions ?? []).flatMap((option) => ['-o', option]),
    ...words,
    '--',
    host.address,
  ];
}

/** One jump host as ProxyJump names it. */
export interface Hop {
  readonly address: string;
  readonly user?: string;
  readonly port?: number;
}

/**
 * The same for a jump host: ssh hands on its configuration file to the ssh that it starts for it (ssh.c, "construct a
 * ProxyCommand"), and the hops before this one, but none of its options.
 */
export function hopArguments(hop: Hop, before: string, wishes: SshWishes): readonly string[] {
  return [
    ...configArguments(wishes.sshConfigFile ?? nixSshOptions(wishes.environment).configFile),
    ...(hop.user === undefined ? [] : ['-l', hop.user]),
    ...(hop.port === undefined ? [] : ['-p', String(hop.port)]),
    ...(before === '' ? [] : ['-J', before]),
    '--',
    hop.address,
  ];
}

function configArguments(file: string | undefined): readonly string[] {
  return file === undefined ? [] : ['-F', file];
}
