import type { AllowedAlgorithms, PrintedSettings } from '../settings/ssh-settings.ts';
import { fingerprint, keyTypeOf } from './known-hosts.ts';

/** The keys of which a host must show one, whatever known_hosts and the user's ssh configuration say of it. */
export interface PinnedKeys {
  /** Public key blobs. */
  readonly keys: readonly Buffer[];
  /** Options for ssh, `Name=value`: what else it could trust instead of a key, as far as this ssh knows of it. */
  readonly noOtherTrust: readonly string[];
}

// ssh_config(5). GSSAPIKeyExchange is of Debian and others: a host that Kerberos vouches for shows no key at all.
const otherTrust: Readonly<Record<string, string>> = {
  knownhostscommand: 'KnownHostsCommand=none',
  verifyhostkeydns: 'VerifyHostKeyDNS=no',
  nohostauthenticationforlocalhost: 'NoHostAuthenticationForLocalhost=no',
  gssapikeyexchange: 'GSSAPIKeyExchange=no',
};

/**
 * Puts the pinned keys of a host in the place of all that its ssh configuration says of host keys. `printed` is what
 * `ssh -G` said. No pinned key is no pin.
 */
export function withPinnedKeys(
  settings: PrintedSettings,
  hostKeys: readonly string[] = [],
  printed = '',
): PrintedSettings {
  if (hostKeys.length === 0) return settings;
  const { sshTakesChangedKeys: _, ...rest } = settings;
  const known = new Set(printed.split('\n').map((line) => line.split(' ', 1)[0]?.toLowerCase() ?? ''));
  return {
    ...rest,
    userKnownHosts: [],
    globalKnownHosts: [],
    unknownHostKey: 'refuse',
    beyondBuiltin: settings.beyondBuiltin.filter(({ option }) => !Object.hasOwn(otherTrust, option)),
    pinned: {
      keys: hostKeys.map((text) => Buffer.from(text.split(/ +/)[1] ?? '', 'base64')),
      noOtherTrust: Object.keys(otherTrust).flatMap((option) => (known.has(option) ? (otherTrust[option] ?? []) : [])),
    },
  };
}

/** Gives a file of known_hosts lines that make ssh take these keys, and no certificate, of whatever host it asks. */
export function pinnedKnownHosts({ keys }: PinnedKeys): string {
  return keys.map((key) => `* ${keyTypeOf(key)} ${key.toString('base64')}\n`).join('');
}

/** The pinned keys as people compare them: `ssh-ed25519 SHA256:…`. */
export function pinnedFingerprints({ keys }: PinnedKeys): readonly string[] {
  return keys.map((key) => `${keyTypeOf(key)} ${fingerprint(key)}`);
}

/**
 * Gives the host key algorithms that ssh is to offer: what it would offer anyhow, those of pinned keys first and without
 * certificates. The others stay, since a host that shows another key says more than one with which nothing is in common.
 */
export function pinnedFirst({ keys }: PinnedKeys, allowed: AllowedAlgorithms | undefined): readonly string[] {
  const types = keys.map(keyTypeOf);
  const plain = (allowed?.hostkeyalgorithms ?? []).filter((algorithm) => !algorithm.includes('-cert-'));
  const isPinned = (algorithm: string) => types.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return [...plain.filter(isPinned), ...plain.filter((algorithm) => !isPinned(algorithm))];
}
