import { isIPv6 } from 'node:net';
import * as z from 'zod';
import { isAddress, wordPattern } from '../destination.ts';
import { tagPattern } from '../selector.ts';
import { type Bad, listOf, text, wholeNumber } from './nix-values.ts';

const addressExpected = 'a name or address as ssh takes it, without user and port';
const machineIdExpected = 'what /etc/machine-id holds: 32 hex digits in lower case';
const keyExpected = 'a public key, like "ssh-ed25519 AAAA…"';
const fromFile = 'give what is in the file: (builtins.readFile ./KEY.pub)';

/** Settings of hosts that are no options: who a host is. These may stand in `flurry.defaults` as well. */
export const everyHost = z.object({
  user: text('a login name', (value) =>
    wordPattern.test(value) ? { value } : { expected: 'a login name' },
  ).exactOptional(),
  port: wholeNumber(1, 65_535).exactOptional(),
});

/** All of them. */
export const oneHost = everyHost.extend({
  address: text(addressExpected, (value) => (isAddress(value) ? { value } : badAddress(value))).exactOptional(),
  configuration: text('the name of one of the nixosConfigurations', (value) => ({ value })).exactOptional(),
  tags: listOf(text('a string', (value) => (tagPattern.test(value) ? { value } : badTag(value)))).exactOptional(),
  dependsOn: listOf(text('the name of a host', (value) => ({ value }))).exactOptional(),
  hostKeys: listOf(text(keyExpected, readHostKey, fromFile)).exactOptional(),
  machineId: text(machineIdExpected, readMachineId).exactOptional(),
});

function badAddress(value: string): Bad {
  const expected = addressExpected;
  const plain = value.replace(/^\[(.*)\]$/, '$1');
  const [, user, host = ''] = /^([^@]+)@(.+)$/.exec(value) ?? [];
  if (user !== undefined && isAddress(host)) return { expected, next: `write address = "${host}"; user = "${user}";` };
  const [, name = '', port] = /^([^:]+|\[.*\]):(\d+)$/.exec(value) ?? [];
  if (port !== undefined)
    return { expected, next: `write address = "${name.replace(/^\[|\]$/g, '')}"; port = ${port};` };
  return { expected, ...(isIPv6(plain) && { next: `write "${plain}"` }) };
}

function badTag(value: string): Bad {
  const bare = value.replace(/^@/, '');
  return {
    expected: 'letters, digits, _ . and -',
    ...(bare !== value && tagPattern.test(bare) && { next: `write "${bare}"` }),
  };
}

function readMachineId(text: string): { readonly value: string } | Bad {
  const value = text.trim();
  if (/^[0-9a-f]{32}$/.test(value)) return { value };
  const plain = value.replaceAll('-', '').toLowerCase();
  return { expected: machineIdExpected, ...(/^[0-9a-f]{32}$/.test(plain) && { next: `write "${plain}"` }) };
}

/** As in /etc/ssh/ssh_host_*_key.pub and in known_hosts(5): a type and the key in base64; a comment may follow. */
function readHostKey(text: string): { readonly value: string } | Bad {
  const expected = keyExpected;
  if (/PRIVATE KEY/.test(text)) {
    const next = 'take it out: every host could read it; its public half is in the .pub file beside it';
    return { expected, foundWords: 'a private key', next };
  }
  const [type = '', key = '', third = ''] = text.trim().split(/\s+/);
  if (/^(?:SHA256|MD5):/.test(type)) {
    return { expected, next: 'a fingerprint is not enough: ssh-keyscan HOST prints the keys' };
  }
  if (isKey(key, third)) return { expected, next: `leave away what stands before ${key}` };
  if (/\.pub$/.test(text)) return { expected, next: fromFile };
  if (!isType(type)) return { expected };
  return isKey(type, key) ? { value: `${type} ${key}` } : { expected: `${expected}, whole` };
}

function isType(text: string): boolean {
  return /^(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+$/.test(text);
}

/** A key names its type once more, in itself. */
function isKey(type: string, key: string): boolean {
  if (!isType(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(key)) return false;
  const blob = Buffer.from(key, 'base64');
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0);
  return blob.length > 4 + length && blob.subarray(4, 4 + length).toString('latin1') === type;
}
