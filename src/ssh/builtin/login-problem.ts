import { FlurryError, type Problem } from '../../core/problem.ts';
import { CarrierError } from './carrier.ts';
import type { Login } from './login.ts';

/** How far a login came; written while it goes on, read when it has ended. */
export interface LoginProgress {
  /** `refused`: no key is left to offer. */
  stage: 'tcp' | 'handshake' | 'authentication' | 'refused' | 'ready';
  /** Labels of what was offered, in order. */
  readonly tried: string[];
  /** Why the host key was not accepted. */
  refusal: { readonly thrown: unknown } | undefined;
  /** Why a person was not asked who might have helped. */
  unasked: 'no-terminal' | 'batch-mode' | undefined;
  /** The key whose signature is waited for longer than an agent takes by itself. */
  signing: string | undefined;
  /** The host had hung up before the person answered. */
  answeredTooLate: boolean;
  timedOut: boolean;
  over: boolean;
}

interface Failure {
  readonly problem: Problem;
  readonly cause: unknown;
  readonly again: 'worth-it' | 'useless';
}

/** Gives the problem for a login that has failed, and whether the network alone is to blame. */
export function loginProblem(ended: {
  readonly login: Login;
  readonly progress: LoginProgress;
  readonly errors: readonly Error[];
  readonly tries: number;
}): Failure {
  const { login, progress, errors, tries } = ended;
  const cause = errors[0];
  const useless = (problem: Problem): Failure => ({ problem, cause, again: 'useless' });
  const worthIt = (problem: Problem): Failure => ({ problem, cause, again: 'worth-it' });
  const said = errors.map((error) => error.message).find((message) => message !== '');

  if (progress.refusal !== undefined) return useless(hostKeyProblem(login, progress.refusal.thrown));
  if (progress.stage === 'refused') return useless(keysRefused(login, progress));
  if (progress.timedOut && progress.signing !== undefined) {
    progress.tried.push('which gave no signature in time: was it to be touched, or the agent to be answered?');
    return useless(keysRefused(login, progress));
  }
  if (progress.timedOut) {
    const { hostname: address, port } = login.settings;
    const problem = { code: 'connect-timeout', address, port, afterMs: login.timeoutMs, tries } as const;
    // A host that knows our keys by now must not be bothered again: each try counts there as a failed login.
    return progress.stage === 'authentication' ? useless(problem) : worthIt(problem);
  }
  const carrier = errors.find((error) => error instanceof CarrierError);
  if (carrier !== undefined) return { problem: carrier.problem, cause: carrier, again: carrier.again };
  if (progress.stage === 'authentication') {
    if (progress.answeredTooLate) {
      return worthIt({ code: 'handshake-failed', said: 'the host hung up while a person was asked' });
    }
    const disconnected = errors.some((error) => 'code' in error && typeof error.code === 'number');
    if (disconnected && progress.tried.length > 0) return useless(keysRefused(login, progress));
    return useless({ code: 'handshake-failed', said: said ?? 'the host hung up during authentication' });
  }
  if (progress.stage === 'ready') {
    return useless({ code: 'connection-lost', said: said ?? 'the host hung up right after the login' });
  }
  if (cause !== undefined && !isNetworkError(cause)) {
    return useless({ code: 'handshake-failed', said: said ?? 'no reason was given' });
  }
  return networkProblem(login, { errors, tries });
}

function hostKeyProblem({ hostKey }: Login, thrown: unknown): Problem {
  if (thrown instanceof FlurryError) return thrown.problem;
  return {
    code: 'host-key-unchecked',
    name: hostKey.name,
    said: thrown instanceof Error ? thrown.message : String(thrown),
  };
}

function keysRefused({ settings, keys }: Login, progress: LoginProgress): Problem {
  const [unusable] = keys.unusable;
  const { unasked } = progress;
  if (progress.tried.length === 0 && unusable !== undefined) return { code: 'key-unusable', ...unusable };
  const skipped = keys.unusable.map(({ file, said }) => `${file} (${said})`);
  const tried = [...progress.tried, ...skipped];
  return { code: 'authentication-failed', user: settings.user, tried, ...(unasked === undefined ? {} : { unasked }) };
}

function networkProblem(
  { settings, timeoutMs }: Login,
  { errors, tries }: { readonly errors: readonly Error[]; readonly tries: number },
): Failure {
  const { hostname: address, port } = settings;
  const cause = errors[0];
  const codes = errors.flatMap(systemCodes);
  const has = (...wanted: readonly string[]) => codes.some((code) => wanted.includes(code));
  const said = errors.map((error) => error.message).find((message) => message !== '') ?? 'the host hung up';
  // A name that does not exist will not exist in a second either; a resolver that does not answer may.
  if (has('ENOTFOUND', 'EAI_NONAME', 'EAI_NODATA')) {
    return { problem: { code: 'unknown-address', address }, cause, again: 'useless' };
  }
  if (has('EAI_AGAIN', 'EAI_FAIL')) return { problem: { code: 'unknown-address', address }, cause, again: 'worth-it' };
  if (has('ECONNREFUSED')) return { problem: { code: 'connection-refused', address, port }, cause, again: 'worth-it' };
  if (has('EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL', 'EACCES', 'EPERM', 'EINVAL')) {
    return { problem: { code: 'no-route', address, port, said }, cause, again: 'worth-it' };
  }
  if (has('ETIMEDOUT')) {
    return { problem: { code: 'connect-timeout', address, port, afterMs: timeoutMs, tries }, cause, again: 'worth-it' };
  }
  return { problem: { code: 'handshake-failed', said }, cause, again: 'worth-it' };
}

/** A host with several addresses gives one error that holds one for each. */
function systemCodes(error: Error): readonly string[] {
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  if (!(error instanceof AggregateError)) return own;
  return [...own, ...error.errors.flatMap((inner) => (inner instanceof Error ? systemCodes(inner) : []))];
}

/**
 * Errors of sockets and resolvers carry a word as code. ssh2's own message is for a peer that is gone before its first
 * line: sshd's MaxStartups, or sshd on its way up or down. All others mean that the peer speaks, but not as we do.
 */
function isNetworkError(error: Error): boolean {
  return ('code' in error && typeof error.code === 'string') || error.message === 'Connection lost before handshake';
}
