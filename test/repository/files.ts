import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A file of the repository, as text. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** What git has or would take, where there is git; else all that is not made by a build. */
export function repositoryFiles(): readonly string[] {
  if (!existsSync(join(root, '.git'))) {
    return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (path) => !/^(node_modules|dist|\.git)(\/|$)/.test(path),
    );
  }
  const listed = execFileSync('git', ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}
