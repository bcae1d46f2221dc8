import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connect } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { offeredAlgorithms } from './algorithms.ts';
import { checkDestination } from './destination.ts';
import { hostKeyCheck } from './host-key-check.ts';
import { IdentityFiles } from './identity-file.ts';
import { KnownHostsFiles } from './known-hosts-files.ts';
import type { Link } from './link.ts';
import { type Login, logIn } from './login.ts';
import { keyOffers } from './offers.ts';
import { resolveSettings } from './resolve.ts';
import { Semaphore } from './semaphore.ts';
import { Ssh2Session } from './ssh2-session.ts';

export interface SshConnectOptions {
  /** Read instead of the user's and the system's ssh configuration, as `ssh -F` does. */
  readonly sshConfigFile?: string;
  /** Told what goes on, line by line. Untrusted text. */
  readonly verbose?: (line: string) => void;
  /** Instead of this process's own: SSH_AUTH_SOCK, and the PATH on which `ssh` is found. */
  readonly environment?: NodeJS.ProcessEnv;
}

const maxTries = 3;
// sshd's MaxStartups is 10 by default; beyond that it drops connections at random, whoever makes them.
const handshakesAtOnce = 8;

/**
 * Gives the port that opens SSH connections by ssh2. Keys are parsed once for all connections of one port.
 * Throws by code: `bad-argument` (an address that ssh could take for an option), `ssh-config`, `ssh-unsupported`,
 * `unknown-address`, `connection-refused`, `no-route`, `connect-timeout`, `handshake-failed`, `host-key-unknown`,
 * `host-key-changed`, `host-key-revoked`, `host-key-unchecked`, `key-unusable`, `authentication-failed`;
 * or the signal's reason.
 */
export function sshConnect(options: SshConnectOptions = {}): Connect {
  const { sshConfigFile, verbose = () => {}, environment = process.env } = options;
  const identityFiles = new IdentityFiles();
  const knownHosts = new KnownHostsFiles();
  const doors = new Map<string, Semaphore>();

  return async (host, { timeoutMs, signal }) => {
    signal.throwIfAborted();
    // One signal stops a whole fleet: Node would warn of a leak at the eleventh listener.
    setMaxListeners(0, signal);
    checkDestination(host);
    const settings = await resolveSettings(host, { sshConfigFile, environment, timeoutMs, signal });
    const hostKey = await hostKeyCheck(settings, knownHosts);
    const keys = await keyOffers(settings, identityFiles);
    const algorithms = offeredAlgorithms(settings.algorithms, hostKey.knownTypes);
    const say = (line: string) => verbose(`${host.name}: ${line}`);
    const door = doors.get(settings.hostname) ?? new Semaphore(handshakesAtOnce);
    doors.set(settings.hostname, door);
    const login = { settings, algorithms, hostKey, keys, timeoutMs, signal, verbose: say };
    const link = await logInWithTries(login, door);
    return new Ssh2Session(host, link, settings.serverAlive);
  };
}

async function logInWithTries(login: Login, door: Semaphore): Promise<Link> {
  for (let tries = 1; ; tries += 1) {
    const leave = await door.enter(login.signal);
    const result = await logIn(login, tries).finally(leave);
    if (result.kind === 'connected') return result.link;
    if (result.again === 'useless' || tries === maxTries) {
      throw new FlurryError(result.problem, { cause: result.cause });
    }
    login.verbose(`try ${tries} of ${maxTries}: ${result.problem.code}`);
    await pause(tries, login.signal);
  }
}

/** 0.25 to 0.5 s, then 0.5 to 1 s: hosts that were dropped together must not come back together. */
async function pause(tries: number, signal: AbortSignal): Promise<void> {
  const longestMs = 250 * 2 ** tries;
  try {
    await delay(longestMs * (0.5 + Math.random() / 2), undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
