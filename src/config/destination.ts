import { isIPv6 } from 'node:net';
import type { Host } from '../core/host.ts';
import type { Problem } from '../core/problem.ts';

const grammar = '[user@]host[:port][/configuration]';
export const wordPattern = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;
export const hostPattern = /^[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*)*\.?$/;
const zonePattern = /^[^%]+(?:%[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/;
const portPattern = /^[1-9]\d{0,4}$/;
const wordExpected = 'letters, digits, _ . + -, beginning with a letter, a digit or _';

/** Tells whether ssh could be given a text as the name or address of a host; IPv6 without brackets. */
export function isAddress(text: string): boolean {
  return text.length <= 253 && (hostPattern.test(text) || (isIPv6(text) && zonePattern.test(text)));
}

/** What is wrong with which part of a destination; without a part, with all of it. */
interface BadPart {
  readonly part?: 'user' | 'host' | 'port' | 'configuration';
  readonly expected: string;
  readonly found: string;
  readonly next?: string;
}

/**
 * Reads one destination: `[user@]host[:port][/configuration]`, the same after `nixos://`, `.#configuration`, or the
 * word `local`, with or without `/configuration`: this machine, without SSH. A host of that name is `nixos://local`.
 * Only what can be a name passes: no space, quote, control code, shell sign or leading dash reaches ssh or Nix.
 */
export function parseDestination(text: string): Host | Problem<'bad-argument'> {
  const read = readDestination(text);
  if (!('expected' in read)) return read;
  const { part, ...bad } = read;
  const argument = `destination ${JSON.stringify(text.slice(0, 80))}`;
  return { code: 'bad-argument', argument: part === undefined ? argument : `the ${part} in ${argument}`, ...bad };
}

function readDestination(text: string): Host | BadPart {
  if (text.includes('#')) return readConfigurationName(text);

  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text);
  if (scheme !== null && scheme[1] !== 'nixos') {
    return { expected: `${grammar} or nixos://${grammar}`, found: text, next: `leave out ${scheme[0]}` };
  }
  const plain = text.slice(scheme?.[0].length ?? 0);
  const slash = plain.indexOf('/');
  const configuration = slash < 0 ? undefined : plain.slice(slash + 1);
  const authority = slash < 0 ? plain : plain.slice(0, slash);
  const atSign = authority.lastIndexOf('@');
  const user = atSign < 0 ? undefined : authority.slice(0, atSign);

  const place = readPlace(authority.slice(atSign + 1));
  if ('expected' in place) return place;
  const isHere = scheme === null && place.address === 'local';
  if (isHere && authority !== 'local') return notHere(authority);
  if (user !== undefined && !wordPattern.test(user)) return { part: 'user', expected: wordExpected, found: user };
  if (configuration !== undefined && !wordPattern.test(configuration)) return badConfiguration(configuration);
  return {
    ...place,
    ...(isHere && { via: 'local' }),
    ...(user !== undefined && { user }),
    ...(configuration !== undefined && { configuration }),
  };
}

function readConfigurationName(text: string): Host | BadPart {
  const name = text.slice(text.indexOf('#') + 1);
  if (!text.startsWith('.#')) {
    return {
      expected: `${grammar} or .#name`,
      found: text,
      next: 'give the flake by -f REF, and the host by its name',
    };
  }
  if (!wordPattern.test(name)) return badConfiguration(name);
  if (!hostPattern.test(name)) return badHost(name);
  return { name, address: name, configuration: name };
}

function readPlace(text: string): Pick<Host, 'name' | 'address' | 'port'> | BadPart {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/s.exec(text);
  if (bracketed === null && text.split(':').length > 2) {
    const expected = 'a name or address, an IPv6 address in brackets';
    return { part: 'host', expected, found: text, ...(isIPv6(text) && { next: `write [${text}]` }) };
  }
  const colon = text.indexOf(':');
  const host = bracketed?.[1] ?? (colon < 0 ? text : text.slice(0, colon));
  const portText = bracketed === null ? (colon < 0 ? undefined : text.slice(colon + 1)) : bracketed[2];

  if (bracketed === null && (host.length > 253 || !hostPattern.test(host))) return badHost(host);
  if (bracketed !== null && !(isIPv6(host) && zonePattern.test(host))) {
    return { part: 'host', expected: 'an IPv6 address between the brackets', found: host };
  }
  if (portText === undefined) return { name: host, address: host };
  if (!portPattern.test(portText) || Number(portText) > 65_535) {
    return { part: 'port', expected: 'a number from 1 to 65535', found: portText };
  }
  return { name: text, address: host, port: Number(portText) };
}

function notHere(found: string): BadPart {
  const next = `for this machine write local; for a host that is called so, nixos://${found}`;
  return { expected: 'local without user and port: it is this machine, and there is no login', found, next };
}

function badHost(found: string): BadPart {
  return { part: 'host', expected: 'a name or address of letters, digits, _ - and single dots', found };
}

function badConfiguration(found: string): BadPart {
  return { part: 'configuration', expected: wordExpected, found };
}
