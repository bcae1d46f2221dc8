import { FlurryError } from '../../core/problem.ts';
import type { Answers } from '../asking/answers.ts';
import { trustsNew } from '../asking/trust-question.ts';
import type { SshSettings } from '../settings/ssh-settings.ts';
import {
  fingerprint,
  type HostKeyFinding,
  judgeHostKey,
  type KnownHostsLine,
  keyTypeOf,
  knownHostsName,
} from './known-hosts.ts';
import { appendKnownHost, type KnownHostsFiles } from './known-hosts-files.ts';
import { type PinnedKeys, pinnedFingerprints } from './pinned-keys.ts';

/** Does what waits for a person. */
export type WhileAsked = <T>(work: () => Promise<T>) => Promise<T>;

/** Accepts a host key by giving true; refuses it by throwing. Nothing else is an answer. */
export type VerifyHostKey = (key: Buffer, whileAsked: WhileAsked) => Promise<true>;

/** Who may be asked about a key that is not known. */
export interface HostKeyAsking {
  readonly answers: Answers;
  readonly signal: AbortSignal;
}

/** The judgement of one host's key, prepared before the host is dialled. */
export interface HostKeyCheck {
  readonly name: string;
  /** Key types known for the host: to be offered first, or a host known by RSA only looks changed. */
  readonly knownTypes: readonly string[];
  readonly verify: VerifyHostKey;
  /** To be called once the host has proved that it holds the key: remembers a key trusted on first use. */
  readonly proved: () => Promise<void>;
}

/**
 * Reads what is known about a host's key.
 * Throws `ssh-unsupported` where only a certificate authority could vouch for the host. `verify` throws
 * `host-key-unknown`, `host-key-changed` or `host-key-revoked`; `host-key-not-pinned` where keys are pinned.
 */
export async function hostKeyCheck(
  settings: SshSettings,
  files: KnownHostsFiles,
  { answers, signal }: HostKeyAsking,
): Promise<HostKeyCheck> {
  const name = knownHostsName(settings);
  if (settings.pinned !== undefined) return pinnedCheck(name, settings.pinned);
  const paths = [...settings.userKnownHosts, ...settings.globalKnownHosts];
  const knownHosts = await files.read(paths);
  const matching = knownHosts.linesFor(name);
  refuseAuthorityOnly(judgeHostKey(matching, Buffer.alloc(0)));
  // As ssh does ("checking without port identifier"): a key known for the bare name is good for every port.
  const bareName = settings.hostname.toLowerCase();
  // Of no use where the name itself has a key, and a hash for each line that is hashed.
  const isKnown = settings.hostKeyAlias !== undefined || bareName === name || matching.some(isPlain);
  const bare = isKnown ? [] : knownHosts.linesFor(bareName);
  let trusted: Buffer | undefined;

  return {
    name,
    knownTypes: [...matching, ...bare].filter(isPlain).map((line) => line.keyType),
    verify: async (key, whileAsked) => {
      const finding = judgeHostKey(matching, key);
      const fallback = finding.kind === 'unknown' ? judgeHostKey(bare, key) : finding;
      // Another port may have another key: that the bare name has another one says nothing.
      const decided = fallback.kind === 'changed' ? finding : fallback;
      refuseBad(decided, name, key);
      if (decided.kind === 'known') return true;
      const isTrusted =
        settings.unknownHostKey === 'append' ||
        (settings.unknownHostKey === 'ask' &&
          (await whileAsked(() =>
            trustsNew(
              answers,
              { name, alias: settings.alias, keyType: keyTypeOf(key), fingerprint: fingerprint(key) },
              signal,
            ),
          )));
      if (!isTrusted) {
        throw new FlurryError({ code: 'host-key-unknown', name, fingerprint: fingerprint(key), files: paths });
      }
      trusted = Buffer.from(key);
      return true;
    },
    proved: async () => {
      const file = settings.userKnownHosts[0];
      if (trusted !== undefined && file !== undefined) {
        await appendKnownHost(file, { name, key: trusted, names: settings.knownHostsNames });
      }
      trusted = undefined;
    },
  };
}

function isPlain({ marker }: KnownHostsLine): boolean {
  return marker === 'none';
}

function pinnedCheck(name: string, pinned: PinnedKeys): HostKeyCheck {
  return {
    name,
    knownTypes: pinned.keys.map(keyTypeOf),
    verify: async (shown) => {
      if (pinned.keys.some((key) => key.equals(shown))) return true;
      const its = `${keyTypeOf(shown)} ${fingerprint(shown)}`;
      throw new FlurryError({ code: 'host-key-not-pinned', name, shown: its, pinned: pinnedFingerprints(pinned) });
    },
    proved: async () => undefined,
  };
}

function refuseBad(finding: HostKeyFinding, name: string, key: Buffer): void {
  if (finding.kind === 'changed') {
    const { file, line } = finding;
    throw new FlurryError({ code: 'host-key-changed', name, fingerprint: fingerprint(key), file, line });
  }
  if (finding.kind === 'revoked') {
    const { file, line } = finding;
    throw new FlurryError({ code: 'host-key-revoked', name, fingerprint: fingerprint(key), file, line });
  }
  refuseAuthorityOnly(finding);
}

function refuseAuthorityOnly(finding: HostKeyFinding): void {
  if (finding.kind !== 'cert-authority') return;
  const value = `${finding.file}:${finding.line}`;
  throw new FlurryError({ code: 'ssh-unsupported', option: 'cert-authority', value });
}
