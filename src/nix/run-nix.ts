import { FlurryError } from '../core/problem.ts';
import { type Program, type ProgramEnd, runProgram } from './run-program.ts';

/**
 * Runs the coordinator's Nix with flakes enabled, whatever its configuration says.
 * Throws `no-nix` where there is none in PATH, and the signal's reason.
 */
export async function runNix(
  nixArguments: readonly string[],
  options: Pick<Program, 'environment' | 'signal' | 'onLine' | 'readLine'>,
): Promise<Exclude<ProgramEnd, { kind: 'missing' }>> {
  const end = await runProgram({
    ...options,
    name: 'nix',
    arguments: ['--extra-experimental-features', 'nix-command flakes', ...nixArguments],
  });
  if (end.kind === 'missing') {
    throw new FlurryError({ code: 'no-nix', looked: process.env['PATH'] ?? '' });
  }
  return end;
}
