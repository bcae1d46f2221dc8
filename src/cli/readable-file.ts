import { access, constants } from 'node:fs/promises';
import { FlurryError } from '../core/problem.ts';

/** Refuses a file that cannot be read. Throws `bad-argument`. */
export async function refuseUnreadableFile(argument: string, path: string): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch (cause) {
    throw new FlurryError(
      { code: 'bad-argument', argument, expected: 'a file that can be read', found: path },
      { cause },
    );
  }
}
