import { readFile } from 'node:fs/promises';

/** Gives the version of package.json, which lies two folders up from here, in src/ as in dist/. */
export async function version(): Promise<string> {
  const content: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  const found = typeof content === 'object' && content !== null && 'version' in content ? content.version : undefined;
  return typeof found === 'string' ? found : 'unknown';
}
