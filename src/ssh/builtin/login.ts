import ssh2, { type Algorithms } from 'ssh2';
import type { Answers } from '../asking/answers.ts';
import { Patience } from '../asking/patience.ts';
import type { Attempt } from '../connect-tries.ts';
import type { HostKeyCheck } from '../host-keys/host-key-check.ts';
import { hostVerifier } from '../host-keys/host-verifier.ts';
import type { Offers } from '../keys/offers.ts';
import { loginName } from '../settings/login-name.ts';
import type { SshSettings } from '../settings/ssh-settings.ts';
import { authentication } from './authentication.ts';
import { dial } from './dial.ts';
import type { JumpConnection } from './jump-connection.ts';
import { Link } from './link.ts';
import { type LoginProgress, loginProblem } from './login-problem.ts';

/** Everything that one try to log in needs; prepared once, the same for every try. */
export interface Login {
  readonly settings: SshSettings;
  readonly algorithms: Algorithms;
  readonly hostKey: HostKeyCheck;
  readonly keys: Offers;
  readonly answers: Answers;
  /** Covers TCP, the handshake with the check of the host key, and authentication; not the time in which a person is asked. */
  readonly timeoutMs: number;
  /** Where the host is reached through a jump host. */
  readonly jump?: JumpConnection;
  /** For a ProxyCommand. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly verbose: (line: string) => void;
  /** Told what a person must know at once. */
  readonly note: (message: string) => void;
}

export type LoginResult = Attempt<Link>;

/** Tries once to connect and log in. Rejects with the signal's reason only; the socket is closed unless connected. */
export async function logIn(login: Login, tries: number): Promise<LoginResult> {
  login.signal.throwIfAborted();
  const progress: LoginProgress = {
    stage: 'tcp',
    tried: [],
    refusal: undefined,
    unasked: undefined,
    signing: undefined,
    answeredTooLate: false,
    timedOut: false,
    over: false,
  };
  const client = new ssh2.Client();
  const socket = dial(login);
  const link = new Link(client, socket);
  const stop = () => socket.destroy();
  const patience = new Patience(login.timeoutMs, () => {
    progress.timedOut = true;
    stop();
  });
  login.signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((ended) => {
      link.onClosed(ended);
      client.once('ready', () => {
        progress.stage = 'ready';
        ended();
      });
      socket.once('connect', () => startSsh(login, link, { progress, patience }));
    });
    progress.over = progress.stage !== 'ready';
    // A host hangs up on whoever is asked for long; the answer is good for the next try.
    await patience.settled();
    if (progress.stage === 'ready') {
      login.answers.loggedIn(loginName(login.settings));
      await rememberHostKey(login);
    }
  } finally {
    progress.over = true;
    patience.end();
    login.signal.removeEventListener('abort', stop);
  }
  if (login.signal.aborted) socket.destroy();
  login.signal.throwIfAborted();
  if (progress.stage === 'ready' && !link.isClosed) return { kind: 'connected', value: link };
  return { kind: 'failed', ...loginProblem({ login, progress, errors: link.errors, tries }) };
}

function startSsh(
  login: Login,
  { client, socket }: Link,
  { progress, patience }: { readonly progress: LoginProgress; readonly patience: Patience },
): void {
  progress.stage = 'handshake';
  client.once('handshake', () => {
    progress.stage = 'authentication';
  });
  client.on('error', (error) => {
    // These two come before ssh2 turns to the next key; all others are the end, whether or not the peer closes.
    if (error.level !== 'agent' && error.level !== 'client-authentication') socket.destroy();
  });
  // Nothing else would come of it: ssh2 waits for an answer of ours.
  client.once('change password', () => {
    progress.tried.push('the password has expired and must be changed first');
    progress.stage = 'refused';
    socket.destroySoon();
  });
  try {
    client.connect({
      sock: socket,
      username: login.settings.user,
      algorithms: login.algorithms,
      hostVerifier: hostVerifier((key) => login.hostKey.verify(key, (work) => patience.whileAsked(work)), {
        refused: (thrown) => {
          progress.refusal = { thrown };
          socket.destroy();
        },
        stillWanted: () => !progress.over && !socket.destroyed,
      }),
      authHandler: authentication(login, socket, progress, patience),
      readyTimeout: 0,
      keepaliveInterval: 0,
      // Once logged in, each packet would be told.
      debug: (line) => {
        if (!progress.over) login.verbose(line);
      },
    });
  } catch (error) {
    // ssh2 throws on bad options, not by event.
    socket.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** A key trusted on first use that cannot be written down is still the key that was accepted; ssh goes on as well. */
async function rememberHostKey({ hostKey, verbose }: Login): Promise<void> {
  try {
    await hostKey.proved();
  } catch (error) {
    verbose(`the host key of ${hostKey.name} could not be remembered: ${String(error)}`);
  }
}
