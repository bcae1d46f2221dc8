import { setMaxListeners } from 'node:events';
import type { Connect } from '../core/ports.ts';
import { builtinTransport } from './builtin.ts';
import { checkDestination } from './destination.ts';
import { LocalTransport } from './local-transport.ts';
import { resolveSettings } from './resolve.ts';
import { SshSession } from './ssh-session.ts';

export interface SshConnectOptions {
  /** Read instead of the user's and the system's ssh configuration, as `ssh -F` does. */
  readonly sshConfigFile?: string;
  /** Told what goes on, line by line. Untrusted text. */
  readonly verbose?: (line: string) => void;
  /** Instead of this process's own: SSH_AUTH_SOCK, and the PATH on which `ssh` is found. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Gives the port that opens SSH connections.
 * Throws by code: `bad-argument` (an address that ssh could take for an option), `ssh-config`, `ssh-unsupported`,
 * `unknown-address`, `connection-refused`, `no-route`, `connect-timeout`, `handshake-failed`, `host-key-unknown`,
 * `host-key-changed`, `host-key-revoked`, `host-key-unchecked`, `key-unusable`, `authentication-failed`;
 * or the signal's reason.
 */
export function sshConnect(options: SshConnectOptions = {}): Connect {
  const { sshConfigFile, verbose = () => {}, environment = process.env } = options;
  const builtin = builtinTransport();

  return async (host, { timeoutMs, signal }) => {
    signal.throwIfAborted();
    // One signal stops a whole fleet: Node would warn of a leak at the eleventh listener.
    setMaxListeners(0, signal);
    if (host.via === 'local') return new SshSession(host, new LocalTransport());
    checkDestination(host);
    const settings = await resolveSettings(host, { sshConfigFile, environment, timeoutMs, signal });
    const say = (line: string) => verbose(`${host.name}: ${line}`);
    const transport = await builtin({ settings, timeoutMs, signal, say });
    return new SshSession(host, transport);
  };
}
