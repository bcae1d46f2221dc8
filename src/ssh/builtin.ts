import { setTimeout as delay } from 'node:timers/promises';
import { FlurryError } from '../core/problem.ts';
import { offeredAlgorithms } from './algorithms.ts';
import type { Answers } from './answers.ts';
import { hostKeyCheck } from './host-key-check.ts';
import { IdentityFiles } from './identity-file.ts';
import { JumpHosts } from './jump-hosts.ts';
import { KnownHostsFiles } from './known-hosts-files.ts';
import type { Link } from './link.ts';
import { type Login, logIn } from './login.ts';
import { keyOffers } from './offers.ts';
import { jumpAddresses } from './resolve.ts';
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
export function builtinTransport(answers: Answers, environment: NodeJS.ProcessEnv = process.env): BuiltinTransport {
  const identityFiles = new IdentityFiles();
  const knownHosts = new KnownHostsFiles();
  const doors = new Map<string, Semaphore>();

  const keysFor = (settings: SshSettings, signal: AbortSignal) =>
    keyOffers(settings, identityFiles, mayAsk(settings, answers) ? { answers, signal } : undefined);

  const prepare = async (settings: SshSettings, signal: AbortSignal): Promise<void> => {
    if (settings.via.kind === 'jump') await prepare(settings.via.jump.settings, signal);
    const { offers } = await keysFor(settings, signal);
    const [only] = offers;
    // Where the host could take another key, it is asked first whether it wants this one.
    if (offers.length === 1 && only?.kind === 'locked') await identityFiles.unlock(only.identity, answers, signal);
  };

  const doorTo = (settings: SshSettings): Semaphore => {
    // An address behind a jump host is another machine than the same one here.
    const where = JSON.stringify([settings.hostname, ...jumpAddresses(settings.via)]);
    const door = doors.get(where) ?? new Semaphore(handshakesAtOnce);
    doors.set(where, door);
    return door;
  };

  const connect = async (options: OpenOptions): Promise<Link> => {
    const { settings, timeoutMs, signal, say, note } = options;
    const [beyond] = settings.beyondBuiltin;
    if (beyond !== undefined) throw new FlurryError({ code: 'ssh-unsupported', ...beyond });
    const hostKey = await hostKeyCheck(settings, knownHosts, { answers, signal });
    const keys = await keysFor(settings, signal);
    const algorithms = offeredAlgorithms(settings.algorithms, hostKey.knownTypes);
    const login = { settings, algorithms, hostKey, keys, answers, timeoutMs, signal, environment, verbose: say, note };
    const { via } = settings;
    return await logInWithTries(login, doorTo(settings), async () =>
      via.kind === 'jump' ? { jump: await jumpHosts.connection(via.jump, options) } : {},
    );
  };
  const jumpHosts = new JumpHosts(({ settings, timeoutMs, ...options }) =>
    connect({ ...options, settings, timeoutMs: settings.connectTimeoutMs ?? timeoutMs }),
  );

  const open: OpenTransport = async (options) =>
    new Ssh2Transport(await connect(options), options.settings.serverAlive);
  return { open, prepare };
}

function mayAsk({ login }: SshSettings, answers: Answers): boolean {
  return answers.canAsk && login.asks === 'person' && login.order.includes('publickey');
}

/** `way` is made before each try: a jump host's connection may have ended since the one before. */
async function logInWithTries(login: Login, door: Semaphore, way: () => Promise<Pick<Login, 'jump'>>): Promise<Link> {
  for (let tries = 1; ; tries += 1) {
    const through = await way();
    const leave = await door.enter(login.signal);
    const result = await logIn({ ...login, ...through }, tries).finally(leave);
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
