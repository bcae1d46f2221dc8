import { isIP } from 'node:net';
import type { Problem } from '../../core/problem.ts';
import { fingerprint, type KnownHostsLine, knownHostsName } from '../host-keys/known-hosts.ts';
import { pinnedFingerprints } from '../host-keys/pinned-keys.ts';
import type { SshSettings } from '../settings/ssh-settings.ts';
import type { RefusedKey } from './login-answers.ts';

/** How an ssh that did not get ready came to its end. */
export interface FailedMaster {
  readonly settings: SshSettings;
  /** What it said, debug lines (LogLevel DEBUG1) and all. Untrusted text. */
  readonly said: readonly string[];
  /** Ours: it had not ended when the time was over. */
  readonly overdue: boolean;
  readonly timeoutMs: number;
  readonly tries: number;
  /** The known_hosts lines for this host. */
  readonly known: readonly KnownHostsLine[];
  readonly asks: 'person' | 'never';
  /** What a person did not answer, so that the login was given up. */
  readonly notGiven: string | undefined;
  /** The unknown host key to which a person said no. */
  readonly refusedKey: RefusedKey | undefined;
  /** The last question was about a key of our own: the host had heard nothing of the answer. */
  readonly askedOfKey: boolean;
  /** The identity files that need a passphrase which nobody was asked for. */
  readonly locked: readonly string[];
}

export interface MasterFailure {
  readonly problem: Problem;
  readonly again: 'worth-it' | 'useless';
}

/**
 * Gives the problem for an ssh that did not log in. ssh has one exit code for everything, so its words must say which
 * it was; words that we do not know are told as they are and never tried again, since each try may count as a failed
 * login there.
 */
export function masterProblem(failed: FailedMaster): MasterFailure {
  const { settings, overdue, timeoutMs, tries } = failed;
  const spoken = wordsOf(failed.said);
  const debug = failed.said.filter((line) => line.startsWith('debug1: '));
  const at = { address: settings.hostname, port: settings.port };
  const authenticating = debug.some((line) =>
    /^debug1: (Authentications that can continue|Offering|Will attempt)/.test(line),
  );
  if (failed.notGiven !== undefined) {
    const tried = [...triedKeys(debug), failed.notGiven];
    return { problem: { code: 'authentication-failed', user: settings.user, tried }, again: 'useless' };
  }
  if (overdue) {
    const problem = { code: 'connect-timeout', ...at, afterMs: timeoutMs, tries } as const;
    return { problem, again: authenticating ? 'useless' : 'worth-it' };
  }
  const hostKey = hostKeyProblem(failed, spoken, debug);
  if (hostKey !== undefined) return { problem: hostKey, again: 'useless' };
  if (spoken.some((line) => /: Permission denied \([^)]*\)\.|Too many authentication failures/.test(line))) {
    return { problem: notLetIn(failed, debug), again: 'useless' };
  }
  // A host hangs up on whoever is asked for long; the answer is good for the next try.
  const couldBeHeld = authenticating && !failed.askedOfKey;
  return jumpProblem(settings, spoken) ?? networkProblem(failed, spoken) ?? handshakeProblem(spoken, couldBeHeld);
}

function notLetIn({ settings, asks, locked }: FailedMaster, debug: readonly string[]): Problem {
  const accepted = debug.flatMap((line) => /^debug1: Server accepts key: (.*) \S+ SHA256:\S+/.exec(line)?.[1] ?? []);
  const shut = 'encrypted, and the agent does not hold it: unlock it with ssh-add';
  const wanted = locked.find((file) => accepted.includes(file));
  if (wanted !== undefined) return { code: 'key-unusable', file: wanted, said: shut };
  const tried = triedKeys(debug).map((key) => (locked.includes(key) ? `${key} (${shut})` : key));
  const taken = lastMatch(debug, /^debug1: Authentications that can continue: (\S+)/)?.[1]?.split(',') ?? [];
  const couldAsk = settings.login.order.some((method) => method !== 'publickey' && taken.includes(method));
  const unasked = settings.login.asks === 'never' ? 'batch-mode' : 'no-terminal';
  return {
    ...{ code: 'authentication-failed', user: settings.user, tried },
    ...(asks === 'never' && couldAsk ? { unasked } : {}),
  };
}

/** Gives what ssh says at its normal LogLevel. */
export function wordsOf(said: readonly string[]): readonly string[] {
  const chatter = /^(debug\d: |OpenSSH_|Pseudo-terminal |Authenticated to |Transferred: sent |Bytes per second: )/;
  return said.filter((line) => !chatter.test(line));
}

function hostKeyProblem(
  { settings, known, refusedKey }: FailedMaster,
  spoken: readonly string[],
  debug: readonly string[],
): Problem | undefined {
  const has = (words: RegExp) => spoken.some((line) => words.test(line));
  if (!has(/^Host key verification failed\.|REVOKED HOST KEY|^Host key .* revoked/i)) return undefined;
  const files = [...settings.userKnownHosts, ...settings.globalKnownHosts];
  if (refusedKey !== undefined) {
    return { code: 'host-key-unknown', name: refusedKey.name, fingerprint: refusedKey.fingerprint, files };
  }
  const name = knownHostsName(settings);
  const [, type, shown] = lastMatch(debug, /^debug1: Server host (?:key|certificate): (\S+) (SHA256:\S+)/) ?? [];
  if (shown === undefined) return { code: 'host-key-unchecked', name, said: spoken.join('\n') };
  if (settings.pinned !== undefined) {
    const pinned = pinnedFingerprints(settings.pinned);
    const its = `${type} ${shown}`;
    // One that is pinned may be among the user's RevokedHostKeys.
    if (pinned.includes(its)) return { code: 'host-key-unchecked', name, said: spoken.join('\n') };
    return { code: 'host-key-not-pinned', name, shown: its, pinned };
  }
  const of = (line: KnownHostsLine) => fingerprint(line.key) === shown;
  const revoked = known.find((line) => line.marker === 'revoked' && of(line));
  if (revoked !== undefined) {
    return { code: 'host-key-revoked', name, fingerprint: shown, file: revoked.file, line: revoked.line };
  }
  const offending = lastMatch(spoken, /^Offending .*? in (.*):(\d+)\r?$/);
  if (offending !== undefined && has(/IDENTIFICATION HAS CHANGED/)) {
    const [, file = '', line = '0'] = offending;
    return { code: 'host-key-changed', name, fingerprint: shown, file, line: Number(line) };
  }
  if (has(/^No \S+ host key is known for|strict checking/)) {
    return { code: 'host-key-unknown', name, fingerprint: shown, files };
  }
  return { code: 'host-key-unchecked', name, said: spoken.join('\n') };
}

/** A jump host that is logged in to and opens no way further: its ssh says so, and ours only that it was hung up on. */
function jumpProblem({ via, ...at }: SshSettings, spoken: readonly string[]): MasterFailure | undefined {
  const refused = lastMatch(
    spoken,
    /^channel \d+: open failed: (administratively prohibited|connect failed): (.*?)\r?$/,
  );
  if (refused === undefined || via.kind !== 'jump') return undefined;
  const [, how = '', said = ''] = refused;
  const why = how === 'connect failed' ? 'failed' : 'forbidden';
  const { hostname: address, port } = at;
  const problem = { code: 'jump-refused', jumpHost: via.jump.name, address, port, why, said } as const;
  return { problem, again: why === 'forbidden' ? 'useless' : 'worth-it' };
}

function networkProblem(
  { settings, timeoutMs, tries }: FailedMaster,
  spoken: readonly string[],
): MasterFailure | undefined {
  const unresolved = lastMatch(spoken, /Could not resolve hostname (.*?): (.*)$/);
  if (unresolved !== undefined) {
    const [, address = settings.hostname, why = ''] = unresolved;
    // A name that does not exist will not exist in a second either; a resolver that does not answer may.
    return { problem: { code: 'unknown-address', address }, again: /temporary/i.test(why) ? 'worth-it' : 'useless' };
  }
  const refused = lastMatch(spoken, /^ssh: connect to host (\S+) port (\d+): (.*?)\r?$/);
  if (refused === undefined) return undefined;
  const [, address = '', port = '', said = ''] = refused;
  const at = { address: isIP(address) > 0 || address !== '' ? address : settings.hostname, port: Number(port) };
  if (said === 'Connection refused') return { problem: { code: 'connection-refused', ...at }, again: 'worth-it' };
  if (/timed out$/.test(said)) {
    return { problem: { code: 'connect-timeout', ...at, afterMs: timeoutMs, tries }, again: 'worth-it' };
  }
  return { problem: { code: 'no-route', ...at, said }, again: 'worth-it' };
}

/** A host that hangs up before it has said which keys it takes: sshd's MaxStartups, or sshd on its way up or down. */
function handshakeProblem(spoken: readonly string[], authenticating: boolean): MasterFailure {
  const said = spoken.join('\n').trim() || 'ssh ended without a word';
  const hungUp = spoken.some((line) =>
    /^(kex_exchange_identification: |ssh_exchange_identification: |banner exchange: |Connection (closed|reset) by )/.test(
      line,
    ),
  );
  return {
    problem: { code: 'handshake-failed', said },
    again: hungUp && !authenticating ? 'worth-it' : 'useless',
  };
}

/** From lines like `Offering public key: FILE-OR-COMMENT TYPE SHA256:… agent`; where it is from an agent, they end so. */
function triedKeys(debug: readonly string[]): readonly string[] {
  const tried = debug.flatMap((line) => {
    const [, key, print, from = ''] = /^debug1: Offering public key: (.*) \S+ (SHA256:\S+)(.*?)\r?$/.exec(line) ?? [];
    const offered = key === undefined || !/\bagent$/.test(from) ? key : `agent key ${key} (${print})`;
    const other = /^debug1: Next authentication method: (password|keyboard-interactive|gssapi-with-mic)/.exec(
      line,
    )?.[1];
    return offered ?? other ?? [];
  });
  return [...new Set(tried)];
}

function lastMatch(lines: readonly string[], words: RegExp): RegExpExecArray | undefined {
  return lines.map((line) => words.exec(line)).findLast((match) => match !== null) ?? undefined;
}
