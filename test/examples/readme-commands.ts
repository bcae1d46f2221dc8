import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../fleet/paths.ts';

/** The lines of an example's README that are to be typed, without their comments. */
export async function readmeCommands(folder: string): Promise<readonly string[]> {
  const text = await readFile(join(repositoryRoot, 'examples', folder, 'README.md'), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*/, ''))
    .filter(Boolean);
}
