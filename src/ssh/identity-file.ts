import { readFile, stat } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';

/** What one IdentityFile turned out to be. A missing file is normal: ssh lists defaults that few people have. */
export type Identity =
  | { readonly kind: 'missing'; readonly file: string }
  | { readonly kind: 'usable'; readonly file: string; readonly key: ParsedKey; readonly publicKey: Buffer }
  /** Only an agent that holds the private half can use it; `publicKey` is absent where nothing told it. */
  | { readonly kind: 'locked'; readonly file: string; readonly publicKey?: Buffer; readonly said: string };

/** Identity files, each read and parsed once however many hosts use it. */
export class IdentityFiles {
  readonly #read = new Map<string, Promise<Identity>>();

  /** Never throws: what is wrong with a file is part of its identity. */
  identity(file: string): Promise<Identity> {
    const known = this.#read.get(file);
    if (known !== undefined) return known;
    // ssh2's parser throws on some broken files.
    const reading = readIdentity(file).catch((error: unknown) => locked(file, undefined, String(error)));
    this.#read.set(file, reading);
    return reading;
  }
}

async function readIdentity(file: string): Promise<Identity> {
  const [content, beside] = await Promise.all([contentOf(file), contentOf(`${file}.pub`)]);
  const publicBeside = beside.kind === 'text' ? publicKeyIn(beside.text) : undefined;
  if (content.kind === 'missing') {
    if (publicBeside === undefined) return { kind: 'missing', file };
    return locked(file, publicBeside, 'the private key is missing, and the agent does not hold it');
  }
  if (content.kind === 'unreadable') return locked(file, publicBeside, content.said);

  const key = ssh2.utils.parseKey(content.text);
  if (key instanceof Error) {
    const publicKey = publicKeyInside(content.text) ?? publicBeside;
    if (!key.message.startsWith('Encrypted')) return locked(file, publicKey, key.message);
    return locked(file, publicKey, 'encrypted, and the agent does not hold it: unlock it with ssh-add');
  }
  const publicKey = key.getPublicSSH();
  if (!key.isPrivateKey()) return locked(file, publicKey, 'a public key, and the agent does not hold its private half');
  const tooOpen = await permissionsTooOpen(file);
  return tooOpen === undefined ? { kind: 'usable', file, key, publicKey } : locked(file, publicKey, tooOpen);
}

function locked(file: string, publicKey: Buffer | undefined, said: string): Identity {
  return { kind: 'locked', file, ...(publicKey === undefined ? {} : { publicKey }), said };
}

type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly said: string };

async function contentOf(file: string): Promise<Content> {
  try {
    return { kind: 'text', text: await readFile(file, 'latin1') };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return { kind: 'missing' };
    }
    return { kind: 'unreadable', said: error instanceof Error ? error.message : String(error) };
  }
}

/** As ssh does: a private key that others may read is not used. */
async function permissionsTooOpen(file: string): Promise<string | undefined> {
  const { mode, uid } = await stat(file);
  if ((mode & 0o077) === 0 || uid !== process.getuid?.()) return undefined;
  return `others may read it (mode ${(mode & 0o777).toString(8).padStart(4, '0')}): chmod 600 it`;
}

function publicKeyIn(text: string): Buffer | undefined {
  const key = ssh2.utils.parseKey(text);
  return key instanceof Error ? undefined : key.getPublicSSH();
}

/** The public half stands in clear in an encrypted key of OpenSSH's own format (PROTOCOL.key of OpenSSH). */
function publicKeyInside(text: string): Buffer | undefined {
  const encoded = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text)?.[1];
  if (encoded === undefined) return undefined;
  const blob = Buffer.from(encoded, 'base64');
  const magic = 'openssh-key-v1\0';
  if (blob.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  const field = (): Buffer | undefined => {
    if (blob.length < at + 4) return undefined;
    const start = at + 4;
    at = start + blob.readUInt32BE(at);
    return blob.length < at ? undefined : blob.subarray(start, at);
  };
  // cipher, kdf, kdf options; then the number of keys; then the first public key
  for (let skipped = 0; skipped < 3; skipped += 1) if (field() === undefined) return undefined;
  at += 4;
  return field();
}
