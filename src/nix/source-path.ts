import { createHash } from 'node:crypto';

/**
 * Gives the store path of a source by its hash alone, as Nix computes it for what is added or fetched recursively under
 * the name `source`. Undefined for what is no SHA-256 in SRI spelling.
 */
export function sourcePath(narHash: string): string | undefined {
  if (!/^sha256-[A-Za-z0-9+/]{43}=?$/.test(narHash)) return undefined;
  const inner = Buffer.from(narHash.slice('sha256-'.length), 'base64').toString('hex');
  const whole = createHash('sha256').update(`source:sha256:${inner}:/nix/store:source`).digest();
  return `/nix/store/${base32(folded(whole))}-source`;
}

const pathHashBytes = 20;

function folded(hash: Buffer): Buffer {
  const short = Buffer.alloc(pathHashBytes);
  for (const [index, byte] of hash.entries()) {
    const at = index % pathHashBytes;
    short[at] = (short[at] ?? 0) ^ byte;
  }
  return short;
}

// Nix's own order: from the last five bits to the first, without e, o, t and u.
const digits = '0123456789abcdfghijklmnpqrsvwxyz';

function base32(bytes: Buffer): string {
  let text = '';
  for (let digit = Math.ceil((bytes.length * 8) / 5) - 1; digit >= 0; digit -= 1) {
    const bit = digit * 5;
    const byte = Math.floor(bit / 8);
    const shift = bit % 8;
    const value = ((bytes[byte] ?? 0) >> shift) | ((bytes[byte + 1] ?? 0) << (8 - shift));
    text += digits[value & 31];
  }
  return text;
}
