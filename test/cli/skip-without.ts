import { spawnSync } from 'node:child_process';

/** Why a test is skipped: a program is missing. In CI (CI=true) nothing is skipped, so that the test fails there. */
export function skipWithout(program: string): string | false {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  return error === undefined || process.env['CI'] === 'true' ? false : `${program} is not installed`;
}
