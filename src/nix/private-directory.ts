import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// A socket's path may have 103 bytes on macOS and 107 on Linux (sun_path, with its NUL), and macOS' own temporary
// directories take half of that.
const maxPathBytes = 103;
const longestEntry = '/registry.json';

/** Runs `use` with an empty directory that only this user can enter, and removes it with all in it afterwards. */
export async function withPrivateDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await makePrivateDirectory();
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Makes such a directory; whoever asked for it removes it. */
export async function makePrivateDirectory(): Promise<string> {
  // mkdtemp makes it with mode 0700.
  return await mkdtemp(join(shortTemporaryDirectory(), 'flurry-'));
}

function shortTemporaryDirectory(): string {
  const usual = tmpdir();
  return Buffer.byteLength(`${usual}/flurry-XXXXXX${longestEntry}`) <= maxPathBytes ? usual : '/tmp';
}
