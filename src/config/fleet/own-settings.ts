import { isIPv6 } from 'node:net';
import type { z } from 'zod';
import { isAddress, wordPattern } from '../destination.ts';
import { type badText, listOf, text, wholeNumber } from './nix-values.ts';

/** Settings of hosts that are no options: who a host is. Those of `everyHost` may stand in `flurry.defaults` as well. */
export const everyHost = {
  user: text((value) => (wordPattern.test(value) ? undefined : { expected: 'a login name' })).exactOptional(),
  port: wholeNumber(1, 65_535).exactOptional(),
};

export const oneHost = {
  address: text((value) =>
    isAddress(value)
      ? undefined
      : {
          expected: 'a name or address, without user and port',
          ...(isIPv6(value.replace(/^\[|\]$/g, '')) && { next: 'write an IPv6 address without brackets' }),
        },
  ).exactOptional(),
  configuration: text(() => undefined).exactOptional(),
  tags: listOf(
    text((value) => (tagPattern.test(value) ? undefined : { expected: 'letters, digits, _ . and -' })),
  ).exactOptional(),
  hostKeys: listOf(text(badHostKey)).exactOptional(),
  machineId: text((value) =>
    /^[0-9a-f]{32}$/.test(value) ? undefined : { expected: 'what /etc/machine-id holds: 32 hex digits in lower case' },
  ).exactOptional(),
};

/** As the command line can spell it behind an @. */
export const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** As in /etc/ssh/ssh_host_*_key.pub and in known_hosts(5): a type and the key in base64; a comment may follow. */
function badHostKey(value: string): Omit<z.output<typeof badText>, 'found'> | undefined {
  const expected = 'a public key, like "ssh-ed25519 AAAA…"';
  const [type = '', key = ''] = value.split(/ +/);
  if (/PRIVATE KEY/.test(value)) return { expected, next: 'this is a private key: give the one of the .pub file' };
  if (type.startsWith('SHA256:'))
    return { expected, next: 'a fingerprint is not enough: give the key of the .pub file' };
  if (!/^[a-z0-9@.-]+$/.test(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(key)) return { expected };
  const blob = Buffer.from(key, 'base64');
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0);
  return blob.subarray(4, 4 + length).toString('latin1') === type ? undefined : { expected: `${expected}, whole` };
}
