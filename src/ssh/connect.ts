import { setMaxListeners } from 'node:events';
import { userInfo } from 'node:os';
import type { Host } from '../core/host.ts';
import type { Connect, Elevation, Person } from '../core/ports.ts';
import { Answers } from './answers.ts';
import { builtinTransport } from './builtin.ts';
import { checkDestination } from './destination.ts';
import { LocalTransport } from './local-transport.ts';
import { jumpAddresses, sshResolver } from './resolve.ts';
import { SshSession } from './ssh-session.ts';
import { SudoPassword } from './sudo-password.ts';

export interface SshConnectOptions {
  /** Read instead of the user's and the system's ssh configuration, as `ssh -F` does. */
  readonly sshConfigFile?: string;
  /** As `ssh -o` takes them, for the hosts themselves; jump hosts get none, as with ssh. */
  readonly sshOptions?: readonly string[];
  /** Whether the limit of a connect is flurry's own default, before which ssh's ConnectTimeout goes. */
  readonly connectTimeout?: 'given' | 'default';
  /** Told what goes on, line by line. Untrusted text. */
  readonly verbose?: (line: string) => void;
  /** Who is asked for passphrases, passwords and unknown host keys; nobody without. */
  readonly person?: Person;
  /** Told what a person must know at once about a host, by its name: that its key waits to be touched. */
  readonly note?: (host: string, message: string) => void;
  /** Instead of this process's own: SSH_AUTH_SOCK, and the PATH on which `ssh` is found. */
  readonly environment?: NodeJS.ProcessEnv;
  /** How root is reached; `auto`, and where it is absent: by sudo. */
  readonly elevate?: Elevation | 'auto';
  /** For sudo, where that asks for one; one line without its end. Goes by the standard input of sudo, and nowhere else. */
  readonly sudoPassword?: string | undefined;
}

const prepareMs = 15_000;

/** The port that opens SSH connections, and what is to be done for all hosts before. */
export interface SshConnect extends Connect {
  /**
   * Asks the person what is needed in any case, before anything is shown: each passphrase once for all hosts. What is
   * wrong with a host is left to its connection. Never throws.
   */
  prepare(hosts: readonly Host[], signal: AbortSignal): Promise<void>;
}

/**
 * Gives the port that opens SSH connections.
 * Throws by code: `bad-argument` (an address that ssh could take for an option), `ssh-config`, `ssh-unsupported`, `jump-loop`,
 * `jump-refused`, `proxy-command-failed`,
 * `unknown-address`, `connection-refused`, `no-route`, `connect-timeout`, `handshake-failed`, `host-key-unknown`,
 * `host-key-changed`, `host-key-revoked`, `host-key-unchecked`, `key-unusable`, `authentication-failed`;
 * or the signal's reason.
 */
export function sshConnect(options: SshConnectOptions = {}): SshConnect {
  const { verbose = () => {}, environment = process.env, person, note } = options;
  const elevation = elevationOf(options);
  const password = options.sudoPassword === undefined ? undefined : new SudoPassword(options.sudoPassword);
  const builtin = builtinTransport(new Answers(person), environment);
  const resolve = sshResolver({
    ...options,
    environment,
    withoutSsh: (host) => note?.(host, 'there is no ssh program on the PATH: ssh configurations are not read'),
  });

  const connect: Connect = async (host, { timeoutMs, signal }) => {
    signal.throwIfAborted();
    // One signal stops a whole fleet: Node would warn of a leak at the eleventh listener.
    setMaxListeners(0, signal);
    if (host.via === 'local') {
      const { username: user } = userInfo();
      return new SshSession({ host, user, transport: new LocalTransport(), elevation, password });
    }
    checkDestination(host);
    const settings = await resolve(host, { timeoutMs, signal });
    const say = (line: string) => verbose(`${host.name}: ${line}`);
    const transport = await builtin.open({
      settings,
      timeoutMs: settings.connectTimeoutMs ?? timeoutMs,
      signal,
      say,
      note: (message) => note?.(host.name, message),
    });
    const way = { address: settings.hostname, jumps: jumpAddresses(settings.via) };
    return new SshSession({ host, user: settings.user, transport, way, elevation, password });
  };

  const prepareOne = async (host: Host, signal: AbortSignal): Promise<void> => {
    if (host.via === 'local') return;
    checkDestination(host);
    const settings = await resolve(host, { timeoutMs: prepareMs, signal });
    await builtin.prepare(settings, signal);
  };

  return Object.assign(connect, {
    prepare: async (hosts: readonly Host[], signal: AbortSignal): Promise<void> => {
      if (person !== undefined) await Promise.allSettled(hosts.map((host) => prepareOne(host, signal)));
    },
  });
}

function elevationOf({ elevate = 'auto' }: SshConnectOptions): Elevation {
  return elevate === 'auto' ? 'sudo' : elevate;
}
