import { setTimeout as delay } from 'node:timers/promises';
import { FlurryError } from '../core/problem.ts';
import { offeredAlgorithms } from './algorithms.ts';
import type { Answers } from './answers.ts';
import { hostKeyCheck } from './host-key-check.ts';
import { IdentityFiles } from './identity-file.ts';
import { KnownHostsFiles } from './known-hosts-files.ts';
import type { Link } from './link.ts';
import { type Login, logIn } from './login.ts';
import { keyOffers } from './offers.ts';
import { Semaphore } from './semaphore.ts';
import type { SshSettings } from './ssh-settings.ts';
import { Ssh2Transport } from './ssh2-transport.ts';
import type { Transport } from './transport.ts';

/** What a transport opens a connection with; the settings are resolved. */
export interface OpenOptions {
  readonly settings: SshSettings;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told what goes on, line by line. Untrusted text. */
  readonly say: (line: string) => void;
  /** Told what a person must know at once. */
  readonly note: (message: string) => void;
}

export type OpenTransport = (options: OpenOptions) => Promise<Transport>;

/** The transport that speaks SSH itself. */
export interface BuiltinTransport {
  readonly open: OpenTransport;
  /** Asks for the passphrases that are needed in any case, before the hosts are dialled; never throws. */
  readonly prepare: (settings: SshSettings, signal: AbortSignal) => Promise<void>;
}

const maxTries = 3;
// sshd's MaxStartups is 10 by default; beyond that it drops connections at random, whoever makes them.
const handshakesAtOnce = 8;

/** Gives the transport that speaks SSH itself, by ssh2. Keys are parsed once for all its connections. */
export function builtinTransport(answers: Answers): BuiltinTransport {
  const identityFiles = new IdentityFiles();
  const knownHosts = new KnownHostsFiles();
  const doors = new Map<string, Semaphore>();

  const keysFor = (settings: SshSettings, signal: AbortSignal) =>
    keyOffers(settings, identityFiles, mayAsk(settings, answers) ? { answers, signal } : undefined);

  const prepare = async (settings: SshSettings, signal: AbortSignal): Promise<void> => {
    const { offers } = await keysFor(settings, signal);
    const [only] = offers;
    // Where the host could take another key, it is asked first whether it wants this one.
    if (offers.length === 1 && only?.kind === 'locked') await identityFiles.unlock(only.identity, answers, signal);
  };

  const open: OpenTransport = async ({ settings, timeoutMs, signal, say, note }) => {
    const [beyond] = settings.beyondBuiltin;
    if (beyond !== undefined) throw new FlurryError({ code: 'ssh-unsupported', ...beyond });
    const hostKey = await hostKeyCheck(settings, knownHosts, { answers, signal });
    const keys = await keysFor(settings, signal);
    const algorithms = offeredAlgorithms(settings.algorithms, hostKey.knownTypes);
    const door = doors.get(settings.hostname) ?? new Semaphore(handshakesAtOnce);
    doors.set(settings.hostname, door);
    const login = { settings, algorithms, hostKey, keys, answers, timeoutMs, signal, verbose: say, note };
    const link = await logInWithTries(login, door);
    return new Ssh2Transport(link, settings.serverAlive);
  };

  return { open, prepare };
}

function mayAsk({ login }: SshSettings, answers: Answers): boolean {
  return answers.canAsk && login.asks === 'person' && login.order.includes('publickey');
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
