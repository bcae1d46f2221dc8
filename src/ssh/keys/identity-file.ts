import { readFile, stat } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { type Answers, passphraseTries } from '../asking/answers.ts';

/** What one IdentityFile turned out to be. A missing file is normal: ssh lists defaults that few people have. */
export type Identity =
  | { readonly kind: 'missing'; readonly file: string }
  | { readonly kind: 'usable'; readonly file: string; readonly key: ParsedKey; readonly publicKey: Buffer }
  | EncryptedIdentity
  /** Only an agent that holds the private half can use it; `publicKey` is absent where nothing told it. */
  | { readonly kind: 'locked'; readonly file: string; readonly publicKey?: Buffer; readonly said: string };

/** A key that its passphrase would open. `publicKey` is absent where only the passphrase would tell it. */
export interface EncryptedIdentity {
  readonly kind: 'encrypted';
  readonly file: string;
  readonly publicKey?: Buffer;
  readonly text: string;
}

/** What came of the question for a passphrase. */
export type Unlocking =
  | { readonly kind: 'unlocked'; readonly key: ParsedKey }
  | { readonly kind: 'refused'; readonly said: string };

/** Identity files, each read and parsed once however many hosts use it, and its passphrase asked for once. */
export class IdentityFiles {
  readonly #read = new Map<string, Promise<Identity>>();
  readonly #unlocking = new Map<string, Promise<Unlocking>>();
  readonly #unlocked = new Map<string, Unlocking>();

  /** Never throws: what is wrong with a file is part of its identity. */
  identity(file: string): Promise<Identity> {
    const known = this.#read.get(file);
    if (known !== undefined) return known;
    // ssh2's parser throws on some broken files.
    const reading = readIdentity(file).catch((error: unknown) => locked(file, undefined, String(error)));
    this.#read.set(file, reading);
    return reading;
  }

  /** What came of the question for this key's passphrase, where it has been asked and answered. */
  unlocked(file: string): Unlocking | undefined {
    return this.#unlocked.get(file);
  }

  /** Asks for the passphrase, three times at most, and once for all hosts; never throws. */
  unlock(identity: EncryptedIdentity, answers: Answers, signal: AbortSignal): Promise<Unlocking> {
    const known = this.#unlocking.get(identity.file);
    if (known !== undefined) return known;
    const unlocking = askForPassphrase(identity, answers, signal).then((came) => {
      this.#unlocked.set(identity.file, came);
      return came;
    });
    this.#unlocking.set(identity.file, unlocking);
    return unlocking;
  }
}

async function askForPassphrase(
  { file, text }: EncryptedIdentity,
  answers: Answers,
  signal: AbortSignal,
): Promise<Unlocking> {
  let refused: string | undefined;
  for (let wrong = 0; ; wrong += 1) {
    const given = await answers.passphrase(file, refused, signal);
    if (given === undefined) {
      const said =
        wrong < passphraseTries ? 'its passphrase was not given' : `${passphraseTries} passphrases were wrong`;
      return { kind: 'refused', said: `encrypted, and ${said}` };
    }
    // ssh2 takes no passphrase for none at all.
    const key = given === '' ? undefined : parsedWith(text, given);
    if (key instanceof Error) return { kind: 'refused', said: key.message };
    if (key !== undefined) return { kind: 'unlocked', key };
    refused = given;
  }
}

/** Undefined: the passphrase is wrong. It takes 0.3 to 1.8 s, in which nothing else goes on. */
function parsedWith(text: string, passphrase: string): ParsedKey | Error | undefined {
  try {
    const key = ssh2.utils.parseKey(text, passphrase);
    if (!(key instanceof Error)) return key;
    if (/bad passphrase/i.test(key.message)) return undefined;
    return new Error(beyondUs(key.message));
  } catch (error) {
    return new Error(beyondUs(String(error)));
  }
}

function beyondUs(said: string): string {
  return `encrypted in a way that flurry cannot read (${said})`;
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
    if (!key.message.startsWith('Encrypted')) return locked(file, publicKey, formatOf(content.text) ?? key.message);
    const cipher = openSshFields(content.text)?.[0]?.toString('latin1');
    if (cipher !== undefined && !readableCiphers.test(cipher)) return locked(file, publicKey, beyondUs(cipher));
    const tooOpen = await permissionsTooOpen(file);
    if (tooOpen !== undefined) return locked(file, publicKey, tooOpen);
    return { kind: 'encrypted', file, text: content.text, ...(publicKey === undefined ? {} : { publicKey }) };
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

// Of the ciphers of ssh-keygen -Z those that ssh2 1.17 decrypts; it fails on chacha20-poly1305@openssh.com.
const readableCiphers = /^aes(?:128|192|256)-(?:ctr|cbc|gcm@openssh\.com)$/;

/** Formats that people have and ssh2 does not read. */
function formatOf(text: string): string | undefined {
  if (/^-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/m.test(text)) return 'a PKCS#8 key, which flurry cannot read';
  const putty = /^PuTTY-User-Key-File-(\d)/.exec(text)?.[1];
  return putty === undefined ? undefined : `a PuTTY key of version ${putty}, which flurry cannot read`;
}

/** The public half stands in clear in an encrypted key of OpenSSH's own format (PROTOCOL.key of OpenSSH). */
function publicKeyInside(text: string): Buffer | undefined {
  return openSshFields(text)?.[3];
}

/** Cipher, key derivation, its options, and the first public key. */
function openSshFields(text: string): readonly (Buffer | undefined)[] | undefined {
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
  const head = [field(), field(), field()];
  // The number of keys stands between.
  at += 4;
  return head.includes(undefined) ? undefined : [...head, field()];
}
