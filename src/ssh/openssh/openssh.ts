import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../core/host.ts';
import { FlurryError } from '../../core/problem.ts';
import type { Answers } from '../asking/answers.ts';
import { Patience } from '../asking/patience.ts';
import type { OpenOptions, OpenTransport } from '../builtin/builtin.ts';
import { ChannelTransport } from '../channels/channel-transport.ts';
import { type Attempt, type Doors, withTries } from '../connect-tries.ts';
import { authorityOnly } from '../host-keys/authority-only.ts';
import { type KnownHosts, knownHostsName } from '../host-keys/known-hosts.ts';
import type { KnownHostsFiles } from '../host-keys/known-hosts-files.ts';
import { pinnedKnownHosts } from '../host-keys/pinned-keys.ts';
import type { IdentityFiles } from '../keys/identity-file.ts';
import { jumpAddresses } from '../settings/resolve.ts';
import type { SshSettings } from '../settings/ssh-settings.ts';
import { agentWatch } from './agent-watch.ts';
import { refuseTrustingJumps } from './jump-authorities.ts';
import { startAsking, whoIsAsked } from './login-asking.ts';
import { muxDial } from './mux-dial.ts';
import { MuxLink } from './mux-link.ts';
import { type MasterOptions, masterArguments } from './openssh-arguments.ts';
import { controlDirectory, controlSocket } from './openssh-directory.ts';
import { type Master, startMaster } from './openssh-master.ts';
import { masterProblem, wordsOf } from './openssh-problem.ts';

export interface OpensshOptions {
  /** With the PATH on which `ssh` is found. */
  readonly environment: NodeJS.ProcessEnv;
  /** Gives the arguments that say where to: the same ones as for `ssh -G`. */
  readonly destinationOf: (host: Host) => readonly string[];
  readonly answers: Answers;
  readonly identityFiles: IdentityFiles;
  readonly knownHosts: KnownHostsFiles;
  readonly doors: Doors;
}

/**
 * Gives the transport that lets the system's OpenSSH log in: a master of our own for each connection, never one that
 * anybody shares, on whose control socket we carry our channels ourselves (MuxLink).
 * Opening throws `no-ssh` where there is no ssh program, `host-key-unchecked` for a jump host that ssh would trust blindly.
 */
export function opensshTransport(options: OpensshOptions): OpenTransport {
  const { environment, destinationOf, answers, identityFiles, knownHosts, doors } = options;
  const known = knownOptions(environment);
  let isToldOld = false;
  return async (opening) => {
    const { settings, host, timeoutMs, signal, say } = opening;
    await refuseTrustingJumps(settings, knownHosts);
    const ofHost = await knownHosts.read([...settings.userKnownHosts, ...settings.globalKnownHosts]);
    const knownHere = await known();
    const asks = whoIsAsked(settings, answers, knownHere);
    if (answers.canAsk && asks === 'never' && settings.login.asks === 'person' && !isToldOld) {
      opening.note('the ssh program is older than OpenSSH 8.7: whatever it would ask fails at once, use ssh-agent');
      isToldOld = true;
    }
    // ssh itself would trust the plain key of a host whose certificate is what the user asked for.
    const trustsNew =
      authorityOnly(settings, ofHost) === undefined && (settings.unknownHostKey !== 'ask' || asks === 'person');
    const base = {
      settings,
      timeoutMs,
      known: knownHere,
      asks,
      unknownHostKey: trustsNew ? settings.unknownHostKey : 'refuse',
      destination: destinationOf(host),
    } as const;
    const door = doors.to(settings.hostname, jumpAddresses(settings.via));
    // ssh finds its way by itself, a connection of its own to each jump host included.
    const way = async (): Promise<void> => undefined;
    const link = await withTries({ door, signal, say, way }, (tries) =>
      logIn({ ...opening, base, environment, answers, identityFiles, knownHosts: ofHost, tries }),
    );
    return new ChannelTransport(link);
  };
}

interface Login extends OpenOptions {
  readonly base: Omit<MasterOptions, 'socketPath' | 'pinsFile'>;
  readonly environment: NodeJS.ProcessEnv;
  readonly answers: Answers;
  readonly identityFiles: IdentityFiles;
  readonly knownHosts: KnownHosts;
  readonly tries: number;
}

/**
 * Tries once. Rejects with the signal's reason, or `handshake-failed` where nothing can be begun; nothing of the master is
 * left unless connected.
 */
async function logIn(login: Login): Promise<Attempt<MuxLink>> {
  const { settings, base, environment, knownHosts, timeoutMs, signal, say, tries } = login;
  signal.throwIfAborted();
  const { directory, ...files } = await masterFiles(settings).catch((error: unknown) => {
    const said = `no directory for the control socket: ${error instanceof Error ? error.message : String(error)}`;
    throw new FlurryError({ code: 'handshake-failed', said }, { cause: error });
  });
  const limit = new AbortController();
  const patience = new Patience(timeoutMs, () => limit.abort());
  const asking = await startAsking({ ...login, asks: base.asks, directory, patience });
  const watch = agentWatch({ note: login.note, patience });
  const master = startMaster({
    arguments: masterArguments({ ...base, ...files }),
    directory,
    environment: { ...environment, ...asking.environment },
    say: (line) => {
      watch.heard(line);
      say(line);
    },
  });
  try {
    const enough = AbortSignal.any([signal, limit.signal, asking.givenUp]);
    if ((await unlessAborted(master.ready, enough)) === true) {
      const socket = await muxDial(files.socketPath, enough);
      const link = new MuxLink(socket, () => wordsOf(master.said()).at(-1) ?? '');
      keepTogether(master, link);
      asking.answers?.succeeded();
      return { kind: 'connected', value: link };
    }
    // Before its questions are over: ssh takes a question that ended for an empty answer, and would send it.
    await master.stop();
  } catch (error) {
    await master.stop();
    signal.throwIfAborted();
    const said = [...wordsOf(master.said()), error instanceof Error ? error.message : String(error)].join('\n');
    return { kind: 'failed', problem: { code: 'handshake-failed', said }, cause: error, again: 'useless' };
  } finally {
    patience.end();
    watch.end();
    asking.close();
  }
  signal.throwIfAborted();
  const failure = masterProblem({
    ...{ settings, timeoutMs, tries, said: master.said(), overdue: limit.signal.aborted },
    known: knownHosts.linesFor(knownHostsName(settings)),
    asks: base.asks,
    notGiven: asking.notGiven(),
    refusedKey: asking.answers?.refusedKey,
    askedOfKey: asking.answers?.lastWasOfKey === true,
    locked: base.asks === 'person' ? [] : await encryptedFiles(login),
  });
  if (failure.problem.code === 'authentication-failed') asking.answers?.refused();
  return { kind: 'failed', cause: undefined, ...failure };
}

/** Makes the master's directory, with a known_hosts file of our own where keys are pinned. */
async function masterFiles({ pinned }: SshSettings) {
  const directory = await controlDirectory();
  const socketPath = controlSocket(directory);
  if (pinned === undefined) return { directory, socketPath };
  const pinsFile = join(directory, 'known_hosts');
  await writeFile(pinsFile, pinnedKnownHosts(pinned), { mode: 0o600 });
  return { directory, socketPath, pinsFile };
}

async function encryptedFiles({ settings, identityFiles }: Login): Promise<readonly string[]> {
  const identities = await Promise.all(settings.identityFiles.map((file) => identityFiles.identity(file)));
  return identities.flatMap(({ kind, file }) => (kind === 'encrypted' ? [file] : []));
}

/** The end of either is the end of both. */
function keepTogether(master: Master, link: MuxLink): void {
  link.onClosed(() => void master.stop());
  void master.ended.then(() => link.destroy());
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Asks ssh once which of the newer options it knows: an unknown one on its command line is fatal. Throws `no-ssh`. */
function knownOptions(environment: NodeJS.ProcessEnv): () => Promise<MasterOptions['known']> {
  let asked: Promise<MasterOptions['known']> | undefined;
  return () => {
    asked ??= ask(environment);
    return asked;
  };
}

async function ask(environment: NodeJS.ProcessEnv): Promise<MasterOptions['known']> {
  const option = 'ForkAfterAuthentication'; // OpenSSH 8.7
  const words = ['-T', '-G', '-F', 'none', '-o', `${option}=no`, '--', 'localhost'];
  const { execa } = await import('execa');
  const end = await execa('ssh', words, {
    stdin: 'ignore',
    env: environment,
    extendEnv: false,
    timeout: 10_000,
    reject: false,
  });
  if (end.code === 'ENOENT' || end.code === 'EACCES') throw new FlurryError({ code: 'no-ssh' });
  return new Set(end.failed ? [] : [option]);
}
