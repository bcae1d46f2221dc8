import { readFile } from 'node:fs/promises';

import type { World } from './world.ts';

/** Answers the question for the version. */
export async function tellVersion({ stdout }: Pick<World, 'stdout'>): Promise<0> {
  stdout.write(`flurry ${await version()}\n`);
  return 0;
}

/** Gives that of package.json, which lies two folders up from here, in src/ as in dist/. */
async function version(): Promise<string> {
  const content: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  const found = typeof content === 'object' && content !== null && 'version' in content ? content.version : undefined;
  return typeof found === 'string' ? found : 'unknown';
}
