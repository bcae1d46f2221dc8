import type { Host } from '../../core/host.ts';
import { FlurryError } from '../../core/problem.ts';
import type { Answers } from '../asking/answers.ts';
import { ChannelTransport } from '../channels/channel-transport.ts';
import { Doors, withTries } from '../connect-tries.ts';
import { hostKeyCheck } from '../host-keys/host-key-check.ts';
import { KnownHostsFiles } from '../host-keys/known-hosts-files.ts';
import { IdentityFiles } from '../keys/identity-file.ts';
import { keyOffers } from '../keys/offers.ts';
import { jumpAddresses } from '../settings/resolve.ts';
import type { SshSettings } from '../settings/ssh-settings.ts';
import type { Transport } from '../transport.ts';
import { offeredAlgorithms } from './algorithms.ts';
import { JumpHosts } from './jump-hosts.ts';
import type { Link } from './link.ts';
import { type Login, logIn } from './login.ts';
import { Ssh2Opener } from './ssh2-opener.ts';

/** What a transport opens a connection with; the settings are resolved. */
export interface OpenOptions {
  readonly host: Host;
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

/** What all connections of a run share. */
export interface Shared {
  readonly answers: Answers;
  readonly identityFiles: IdentityFiles;
  readonly knownHosts: KnownHostsFiles;
  readonly doors: Doors;
}

export function newShared(answers: Answers): Shared {
  return { answers, identityFiles: new IdentityFiles(), knownHosts: new KnownHostsFiles(), doors: new Doors() };
}

/** Gives the transport that speaks SSH itself, by ssh2. Keys are parsed once for all its connections. */
export function builtinTransport(
  { answers, identityFiles, knownHosts, doors }: Shared,
  environment: NodeJS.ProcessEnv = process.env,
): BuiltinTransport {
  const keysFor = (settings: SshSettings, signal: AbortSignal) =>
    keyOffers(settings, identityFiles, mayAsk(settings, answers) ? { answers, signal } : undefined);

  const prepare = async (settings: SshSettings, signal: AbortSignal): Promise<void> => {
    if (settings.via.kind === 'jump') await prepare(settings.via.jump.settings, signal);
    const { offers } = await keysFor(settings, signal);
    const [only] = offers;
    // Where the host could take another key, it is asked first whether it wants this one.
    if (offers.length === 1 && only?.kind === 'locked') await identityFiles.unlock(only.identity, answers, signal);
  };

  const connect = async (options: OpenOptions): Promise<Link> => {
    const { settings, timeoutMs, signal, say, note } = options;
    const [beyond] = settings.beyondBuiltin;
    if (beyond !== undefined) throw new FlurryError({ code: 'ssh-unsupported', ...beyond });
    const hostKey = await hostKeyCheck(settings, knownHosts, { answers, signal });
    const keys = await keysFor(settings, signal);
    const algorithms = offeredAlgorithms(settings.algorithms, hostKey.knownTypes);
    const login: Login = {
      ...{ settings, algorithms, hostKey, keys, answers, timeoutMs, signal, environment },
      ...{ verbose: say, note },
    };
    const { via } = settings;
    const tries = {
      door: doors.to(settings.hostname, jumpAddresses(via)),
      signal,
      say,
      // A jump host's connection may have ended since the try before.
      way: async () => (via.kind === 'jump' ? { jump: await jumpHosts.connection(via.jump, options) } : {}),
    };
    return await withTries(tries, (count, way) => logIn({ ...login, ...way }, count));
  };
  const jumpHosts = new JumpHosts(({ settings, timeoutMs, ...options }) =>
    connect({ ...options, settings, timeoutMs: settings.connectTimeoutMs ?? timeoutMs }),
  );

  const open: OpenTransport = async (options) =>
    new ChannelTransport(new Ssh2Opener(await connect(options), options.settings.serverAlive));
  return { open, prepare };
}

function mayAsk({ login }: SshSettings, answers: Answers): boolean {
  return answers.canAsk && login.asks === 'person' && login.order.includes('publickey');
}
