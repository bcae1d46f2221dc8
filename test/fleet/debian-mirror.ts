import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { textIfPresent } from './file.ts';

/** The Debian mirror that this machine's own apt sources name: the only one known to be reachable from here. */
export async function debianMirror(sourcesRoot = '/etc/apt'): Promise<string> {
  const folder = join(sourcesRoot, 'sources.list.d');
  const names = await readdir(folder).catch(() => []);
  const paths = [join(sourcesRoot, 'sources.list'), ...names.sort().map((name) => join(folder, name))];
  for (const path of paths) {
    const mirror = mirrorIn((await textIfPresent(path)) ?? '');
    if (mirror !== undefined) return mirror;
  }
  throw new Error(
    `no Debian mirror found in ${sourcesRoot}/sources.list and ${folder}: expected "deb http://… SUITE main"`,
  );
}

/** The first archive with suites of Debian itself in the text of a sources file, one-line or deb822 form. */
export function mirrorIn(text: string): string | undefined {
  const addresses = [
    ...text.matchAll(/^deb(?:[ \t]+\[[^\]]*\])?[ \t]+(\S+)[ \t]+\S+[ \t].*\bmain\b/gm),
    ...text.matchAll(/^URIs:[ \t]*(\S+)/gm),
  ];
  // Third-party repositories stand in the same folder; Debian's own have a folder /debian, wherever they are mirrored.
  return addresses.map((match) => match[1] ?? '').find((address) => /\/debian(\/|$)/.test(address));
}
