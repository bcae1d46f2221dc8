import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

const Answer = z.array(z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })).length(1);

export interface Packed {
  /** The tarball's name in the folder. */
  readonly filename: string;
  readonly paths: readonly string[];
}

/** Makes the npm package of a tree in a folder: as its `dist` is, or built before, as npm does it for whoever publishes. */
export async function pack(tree: string, folder: string, how: 'as-built' | 'built'): Promise<Packed> {
  const words = ['pack', '--json', '--pack-destination', folder, ...(how === 'as-built' ? ['--ignore-scripts'] : [])];
  const { stdout } = await promisify(execFile)('npm', words, { cwd: tree });
  const [answer] = Answer.parse(JSON.parse(stdout));
  return { filename: answer?.filename ?? '', paths: answer?.files.map(({ path }) => path) ?? [] };
}
