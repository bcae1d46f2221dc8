import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import { FlurryError } from '../../core/problem.ts';
import type { AllowedAlgorithms } from '../settings/ssh-settings.ts';

// What ssh2 1.17 offers by default, in its order (AES-GCM first: least CPU, no rekey at 1 GiB), without SHA-1.
const keyExchanges: readonly KexAlgorithm[] = [
  'curve25519-sha256@libssh.org',
  'curve25519-sha256',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
];
const hostKeys: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];
const ciphers: readonly CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
];
const macs: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
];

/**
 * Gives what is offered to a host: what ssh2 can, of that what the user's ssh configuration allows, and of the host
 * key types those first that known_hosts has for this host.
 * Throws `ssh-unsupported` where the configuration allows nothing that we can.
 */
export function offeredAlgorithms(allowed: AllowedAlgorithms | undefined, knownTypes: readonly string[]): Algorithms {
  const hostKey = both(hostKeys, allowed, 'hostkeyalgorithms');
  const isKnown = (algorithm: string) => knownTypes.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return {
    kex: both(keyExchanges, allowed, 'kexalgorithms'),
    serverHostKey: [...hostKey.filter(isKnown), ...hostKey.filter((algorithm) => !isKnown(algorithm))],
    cipher: both(ciphers, allowed, 'ciphers'),
    hmac: both(macs, allowed, 'macs'),
    compress: ['none'],
  };
}

function both<A extends string>(
  ours: readonly A[],
  allowed: AllowedAlgorithms | undefined,
  option: keyof AllowedAlgorithms,
): A[] {
  const theirs = allowed?.[option] ?? [];
  // An OpenSSH too old to print a list restricts nothing.
  if (theirs.length === 0) return [...ours];
  const common = ours.filter((algorithm) => theirs.includes(algorithm));
  if (common.length === 0) throw new FlurryError({ code: 'ssh-unsupported', option, value: theirs.join(',') });
  return common;
}
