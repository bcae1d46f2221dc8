import { execFileSync } from 'node:child_process';

/** A command line as the shell takes it apart, without comments. */
export function shellWords(line: string): readonly string[] {
  const words = execFileSync('sh', ['-c', `printf '%s\\0' ${line}\n`], { encoding: 'utf8' });
  return words.split('\0').slice(0, -1);
}
