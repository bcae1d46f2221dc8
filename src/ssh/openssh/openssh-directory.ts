import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// A socket's path may have 103 bytes on macOS and 107 on Linux, with ssh binding to a name that is 17 bytes longer first.
const maxPathBytes = 103;
const randomSuffixBytes = 17;

/** Makes an empty directory that only this user can enter, with a path short enough for a control socket in it. */
export function controlDirectory(usual: string = tmpdir()): Promise<string> {
  // mkdtemp makes it with mode 0700.
  return mkdtemp(join(shortEnough(usual) ? usual : '/tmp', 'flurry-'));
}

export function controlSocket(directory: string): string {
  return join(directory, 'ssh');
}

function shortEnough(directory: string): boolean {
  return Buffer.byteLength(controlSocket(join(directory, 'flurry-XXXXXX'))) + randomSuffixBytes <= maxPathBytes;
}
