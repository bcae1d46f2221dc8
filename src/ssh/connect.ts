import { setMaxListeners } from 'node:events';
import { userInfo } from 'node:os';
import type { Host } from '../core/host.ts';
import type { Connect, Elevation, Person } from '../core/ports.ts';
import { FlurryError, problemOf } from '../core/problem.ts';
import { Answers } from './asking/answers.ts';
import { builtinTransport, newShared, type OpenOptions } from './builtin/builtin.ts';
import { type Choice, chooseTransport, hasNoCommonAlgorithm, reachFacts } from './choose-transport.ts';
import { pinnedFingerprints } from './host-keys/pinned-keys.ts';
import { LocalTransport } from './local-transport.ts';
import { opensshTransport } from './openssh/openssh.ts';
import { checkDestination } from './settings/destination.ts';
import { jumpAddresses, sshResolver } from './settings/resolve.ts';
import { destinationArguments } from './settings/ssh-arguments.ts';
import type { SshSettings } from './settings/ssh-settings.ts';
import { SshSession } from './ssh-session.ts';
import { SudoPassword } from './sudo-password.ts';
import type { Transport } from './transport.ts';
import { Turns } from './turns.ts';

export interface SshConnectOptions {
  /** Read instead of the user's and the system's ssh configuration, as `ssh -F` does. */
  readonly sshConfigFile?: string;
  /** As `ssh -o` takes them, for the hosts themselves; jump hosts get none, as with ssh. */
  readonly sshOptions?: readonly string[];
  /** Whether the limit of a connect is flurry's own default, before which ssh's ConnectTimeout goes. */
  readonly connectTimeout?: 'given' | 'default';
  /** Who speaks SSH; `auto` (the default) decides for each host. */
  readonly transport?: 'auto' | 'builtin' | 'openssh';
  /** Told what goes on with a host, by its name, line by line. Untrusted text. */
  readonly verbose?: (host: string, line: string) => void;
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
 * Throws by code: `bad-argument` (an address that ssh could take for an option), `ssh-config`, `ssh-unsupported`, `no-ssh`,
 * `jump-loop`, `jump-refused`, `proxy-command-failed`,
 * `unknown-address`, `connection-refused`, `no-route`, `connect-timeout`, `handshake-failed`, `host-key-unknown`,
 * `host-key-changed`, `host-key-revoked`, `host-key-not-pinned`, `host-key-unchecked`, `key-unusable`, `authentication-failed`;
 * or the signal's reason.
 */
export function sshConnect(options: SshConnectOptions = {}): SshConnect {
  const { transport: ofAll = 'auto', verbose = () => {}, environment = process.env, person, note } = options;
  const wishes = { ...options, environment };
  const password = options.sudoPassword === undefined ? undefined : new SudoPassword(options.sudoPassword);
  const resolve = sshResolver({
    ...wishes,
    withoutSsh: (host) => note?.(host, 'there is no ssh program on the PATH: ssh configurations are not read'),
  });
  const shared = newShared(new Answers(person));
  const builtin = builtinTransport(shared, environment);
  const destinationOf = (host: Host) => destinationArguments(host, wishes);
  const openssh = opensshTransport({ ...shared, environment, destinationOf });
  // sshd holds each handshake that leads to no login against us (PerSourcePenalties): once is enough.
  const noCommonAlgorithm = new Set<string>();
  // A login costs milliseconds of computing: where hundreds begin together, nothing else is heard meanwhile.
  const dials = new Turns();

  const choose = async (settings: SshSettings): Promise<Choice> => {
    const knownHosts = await shared.knownHosts.read([...settings.userKnownHosts, ...settings.globalKnownHosts]);
    const choice = chooseTransport(await reachFacts(settings, { ...shared, knownHosts }));
    // ssh2 cannot be half of the way: what a jump host needs decides as well.
    if (choice.kind === 'openssh' || settings.via.kind !== 'jump') return choice;
    return await choose(settings.via.jump.settings);
  };

  const open = async (opening: OpenOptions, tell: (line: string) => void): Promise<Transport> => {
    const transport = opening.host.reach?.transport ?? ofAll;
    if (transport === 'openssh') return await openssh(opening);
    const choice = await choose(opening.settings);
    if (choice.kind === 'openssh') {
      const { option, value } = choice;
      if (transport === 'builtin') throw new FlurryError({ code: 'ssh-unsupported', option, value });
      tell(`transport: openssh, for ${option} ${value}`);
      return await openssh(opening);
    }
    if (noCommonAlgorithm.has(opening.host.name)) return await openssh(opening);
    try {
      return await builtin.open(opening);
    } catch (error) {
      if (transport === 'builtin' || !hasNoCommonAlgorithm(error)) throw error;
      tell('transport: openssh, since the built-in one has no algorithm in common with the host');
      const opened = await openssh(opening).catch((second: unknown) => {
        throw problemOf(second).code === 'no-ssh' ? error : second;
      });
      noCommonAlgorithm.add(opening.host.name);
      return opened;
    }
  };

  const connect: Connect = async (host, { timeoutMs, signal, say: tell = () => {} }) => {
    signal.throwIfAborted();
    // One signal stops a whole fleet: Node would warn of a leak at the eleventh listener.
    setMaxListeners(0, signal);
    const elevation = elevationOf(host.reach ?? options);
    if (host.via === 'local') {
      const { username: user } = userInfo();
      const say = (line: string) => verbose(host.name, line);
      return new SshSession({ host, user, transport: new LocalTransport(), elevation, password, say });
    }
    checkDestination(host);
    const settings = await resolve(host, { timeoutMs, signal });
    const say = (line: string) => verbose(host.name, line);
    say(describedSettings(settings));
    const opening = {
      ...{ host, settings, signal, say },
      timeoutMs: settings.connectTimeoutMs ?? timeoutMs,
      note: (message: string) => note?.(host.name, message),
    };
    await dials.next();
    const opened = await open(opening, tell);
    const way = { address: settings.hostname, jumps: jumpAddresses(settings.via) };
    say(`reached as ${settings.user}; root by ${elevation}`);
    return new SshSession({ host, user: settings.user, transport: opened, way, elevation, password, say });
  };

  const prepareOne = async (host: Host, signal: AbortSignal): Promise<void> => {
    if (host.via === 'local') return;
    checkDestination(host);
    const settings = await resolve(host, { timeoutMs: prepareMs, signal });
    // There a certificate, a token or a security key may do instead: ssh asks when it comes to the key.
    if ((await choose(settings)).kind === 'builtin') await builtin.prepare(settings, signal);
  };

  return Object.assign(connect, {
    prepare: async (hosts: readonly Host[], signal: AbortSignal): Promise<void> => {
      if (person === undefined) return;
      setMaxListeners(0, signal);
      await Promise.allSettled(hosts.map((host) => prepareOne(host, signal)));
    },
  });
}

/** What ssh's configuration came to, in one line. */
function describedSettings(settings: SshSettings) {
  const { user, hostname, port, via, identityFiles, userKnownHosts, agentSocket, pinned } = settings;
  const jumps = jumpAddresses(via);
  return [
    `ssh configuration: ${user}@${hostname} port ${port}`,
    ...(jumps.length > 0 ? [`through ${jumps.join(', ')}`] : []),
    ...(via.kind === 'command' ? ['through a ProxyCommand'] : []),
    `keys ${identityFiles.join(', ') || 'none'}${agentSocket === undefined ? '' : `, agent ${agentSocket}`}`,
    pinned === undefined
      ? `known hosts in ${userKnownHosts.join(', ') || 'no file'}`
      : `pinned to ${pinnedFingerprints(pinned).join(', ')}`,
  ].join('; ');
}

function elevationOf({ elevate = 'auto' }: Pick<SshConnectOptions, 'elevate'>): Elevation {
  return elevate === 'auto' ? 'sudo' : elevate;
}
