import { createHash, createHmac } from 'node:crypto';

/** One line of a known_hosts file, as sshd(8) describes it under SSH_KNOWN_HOSTS FILE FORMAT. */
export interface KnownHostsLine {
  readonly file: string;
  readonly line: number;
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  /** A comma list of patterns, or one hashed name. */
  readonly names: string;
  readonly keyType: string;
  readonly key: Buffer;
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/** What known_hosts files say about a key that a host showed. */
export type HostKeyFinding =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  | ({ readonly kind: 'changed' } & Place)
  | ({ readonly kind: 'revoked' } & Place)
  /** The host is known by a certificate authority only: its plain key must never be trusted on first use. */
  | ({ readonly kind: 'cert-authority' } & Place);

/** Reads the text of a known_hosts file; lines that cannot be read are skipped, as ssh does. */
export function parseKnownHosts(file: string, text: string): readonly KnownHostsLine[] {
  return text.split('\n').flatMap((line, index) => parseLine(file, index + 1, line) ?? []);
}

/** Gives the name under which ssh looks a host up. */
export function knownHostsName(host: {
  readonly hostname: string;
  readonly port: number;
  readonly hostKeyAlias?: string;
}): string {
  const name = host.hostKeyAlias ?? (host.port === 22 ? host.hostname : `[${host.hostname}]:${host.port}`);
  return name.toLowerCase();
}

/** All lines that count for a host; what was found for a name is kept: a hashed line costs a hash for each name. */
export class KnownHosts {
  readonly #lines: readonly KnownHostsLine[];
  readonly #byName = new Map<string, KnownHostsLine[]>();
  /** Those that no name leads to: hashes and patterns. */
  readonly #others: readonly { readonly line: KnownHostsLine; readonly matches: (name: string) => boolean }[];
  readonly #found = new Map<string, readonly KnownHostsLine[]>();

  constructor(lines: readonly KnownHostsLine[]) {
    this.#lines = lines;
    const isOther = ({ names }: KnownHostsLine) => /[|*?!]/.test(names);
    this.#others = lines.filter(isOther).map((line) => ({ line, matches: matcherOf(line.names) }));
    for (const line of lines.filter((one) => !isOther(one))) {
      for (const name of line.names.toLowerCase().split(',')) {
        const same = this.#byName.get(name);
        if (same === undefined) this.#byName.set(name, [line]);
        else same.push(line);
      }
    }
  }

  /** Gives the lines whose names match. */
  linesFor(name: string): readonly KnownHostsLine[] {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const matching = new Set(this.#byName.get(name));
    for (const { line, matches } of this.#others) if (matches(name)) matching.add(line);
    const found = this.#lines.filter((line) => matching.has(line));
    this.#found.set(name, found);
    return found;
  }
}

/** Judges a key by the lines that match the host's name (KnownHosts.linesFor). Revocation wins over everything. */
export function judgeHostKey(matching: readonly KnownHostsLine[], key: Buffer): HostKeyFinding {
  const revoked = matching.find((line) => line.marker === 'revoked' && line.key.equals(key));
  if (revoked !== undefined) return { kind: 'revoked', file: revoked.file, line: revoked.line };
  const plain = matching.filter((line) => line.marker === 'none');
  if (plain.some((line) => line.key.equals(key))) return { kind: 'known' };
  const type = keyTypeOf(key);
  const other = plain.find((line) => line.keyType === type) ?? plain[0];
  if (other !== undefined) return { kind: 'changed', file: other.file, line: other.line };
  const authority = matching.find((line) => line.marker === 'cert-authority');
  if (authority !== undefined) return { kind: 'cert-authority', file: authority.file, line: authority.line };
  return { kind: 'unknown' };
}

/** Gives a key's fingerprint as OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The key type that a public key blob begins with; empty where the blob is broken. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 64 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length);
}

function parseLine(file: string, line: number, text: string): KnownHostsLine | undefined {
  const fields = text.trim().split(/[ \t]+/);
  const first = fields[0] ?? '';
  if (first === '' || first.startsWith('#')) return undefined;
  const marker = first.startsWith('@') ? markerOf(first) : 'none';
  if (marker === undefined) return undefined;
  const [names, keyType, encoded] = marker === 'none' ? fields : fields.slice(1);
  if (names === undefined || keyType === undefined || encoded === undefined) return undefined;
  if (!/^[A-Za-z0-9+/]+=*$/.test(encoded)) return undefined;
  const key = Buffer.from(encoded, 'base64');
  return keyTypeOf(key) === keyType ? { file, line, marker, names, keyType, key } : undefined;
}

function markerOf(word: string): 'revoked' | 'cert-authority' | undefined {
  if (word === '@revoked') return 'revoked';
  return word === '@cert-authority' ? 'cert-authority' : undefined;
}

function matcherOf(names: string): (name: string) => boolean {
  if (names.startsWith('|')) return hashedMatcher(names);
  const patterns = names.toLowerCase().split(',');
  const negated = patterns.flatMap((pattern) => (pattern.startsWith('!') ? [pattern.slice(1)] : []));
  const others = patterns.filter((pattern) => !pattern.startsWith('!'));
  // One negated match refuses the line, wherever it stands in the list.
  return (name) =>
    !negated.some((pattern) => patternMatches(pattern, name)) &&
    others.some((pattern) => patternMatches(pattern, name));
}

/** `|1|salt|hash`: HMAC-SHA1 of the name with the salt as key. Node gives it as text in half of the time. */
function hashedMatcher(hashed: string): (name: string) => boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return () => false;
  const key = Buffer.from(salt, 'base64');
  const expected = Buffer.from(hash, 'base64').toString('base64');
  return (name) => createHmac('sha1', key).update(name).digest('base64') === expected;
}

/** `*` and `?` only. No regular expression: a file of patterns like `*a*a*a*b` must not cost exponential time. */
function patternMatches(pattern: string, name: string): boolean {
  let position = 0;
  let star = -1;
  let resume = 0;
  for (let at = 0; at < name.length; ) {
    const wanted = pattern[position];
    if (wanted === '*') {
      star = position;
      position += 1;
      resume = at;
    } else if (wanted !== undefined && (wanted === '?' || wanted === name[at])) {
      position += 1;
      at += 1;
    } else if (star >= 0) {
      position = star + 1;
      resume += 1;
      at = resume;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(position));
}
