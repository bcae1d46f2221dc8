import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FlurryError } from '../../core/problem.ts';
import { KnownHosts, type KnownHostsLine, keyTypeOf, parseKnownHosts } from './known-hosts.ts';

interface Parsed {
  readonly stamp: string;
  readonly lines: readonly KnownHostsLine[];
}

interface Together {
  readonly files: readonly (readonly KnownHostsLine[])[];
  readonly knownHosts: KnownHosts;
}

const none: readonly KnownHostsLine[] = [];

/** known_hosts files, parsed anew only when they have changed: a whole fleet shares the same ones. */
export class KnownHostsFiles {
  readonly #parsed = new Map<string, Parsed>();
  readonly #together = new Map<string, Together>();

  /** Reads the files in their order; those that are missing are empty. Throws `host-key-unchecked` for unreadable ones. */
  async read(paths: readonly string[]): Promise<KnownHosts> {
    const files = await Promise.all(paths.map((path) => this.#readOne(path)));
    const before = this.#together.get(paths.join('\0'));
    if (before?.files.every((lines, index) => lines === files[index])) return before.knownHosts;
    const knownHosts = new KnownHosts(files.flat());
    this.#together.set(paths.join('\0'), { files, knownHosts });
    return knownHosts;
  }

  async #readOne(path: string): Promise<readonly KnownHostsLine[]> {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      const known = this.#parsed.get(path);
      if (known?.stamp === stamp) return known.lines;
      const lines = parseKnownHosts(path, await readFile(path, 'utf8'));
      this.#parsed.set(path, { stamp, lines });
      return lines;
    } catch (error) {
      if (isMissing(error)) return none;
      // A file that cannot be read may hold the line that revokes the key.
      const said = error instanceof Error ? error.message : String(error);
      throw new FlurryError({ code: 'host-key-unchecked', name: path, said }, { cause: error });
    }
  }
}

/** Adds a line for a host; one write with O_APPEND, so that writers at the same time do not tear each other's lines. */
export async function appendKnownHost(
  path: string,
  entry: { readonly name: string; readonly key: Buffer; readonly names: 'plain' | 'hashed' },
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a+', 0o600);
  try {
    const names = entry.names === 'hashed' ? hashedName(entry.name) : entry.name;
    const line = `${names} ${keyTypeOf(entry.key)} ${entry.key.toString('base64')}\n`;
    const { size } = await file.stat();
    const last = size === 0 ? undefined : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString('latin1');
    await file.appendFile(last === undefined || last === '\n' ? line : `\n${line}`);
  } finally {
    await file.close();
  }
}

function hashedName(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
