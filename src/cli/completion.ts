import { readFile } from 'node:fs/promises';
import type { ExitCode } from '../core/verdict.ts';
import type { Environment } from '../report/capability.ts';
import { type Candidate, hostCandidates, wantedAt } from './completion-answer.ts';
import { readBashLine } from './completion-bash.ts';
import { completionHelp, shells } from './completion-help.ts';
import { knownHosts } from './completion-hosts.ts';
import type { World } from './world.ts';

/**
 * `flurry completion SHELL` prints the script that teaches a shell to complete; `flurry completion SHELL -- …` is what that
 * script calls: it prints what may stand at the cursor. Neither touches a host, and the second is silent whatever goes wrong.
 */
export async function completion(argv: readonly string[], world: World): Promise<ExitCode> {
  const [name, separator, ...line] = argv;
  const shell = shells.find((one) => one === name);
  if (name === '--help' || name === '-h') {
    world.stdout.write(completionHelp);
    return 0;
  }
  if (shell === undefined || (separator !== undefined && separator !== '--')) {
    world.stderr.write(`flurry: completion must be followed by bash, zsh or fish\n\n${completionHelp}`);
    return 2;
  }
  if (separator === undefined) {
    // Shipped as they are: from dist/cli as well as from src/cli this is the same file.
    world.stdout.write(await readFile(new URL(`../../src/cli/completions/flurry.${shell}`, import.meta.url), 'utf8'));
    return 0;
  }
  const { before, current, kept } =
    shell === 'bash' ? readBashLine(line) : { before: line.slice(0, -1), current: line.at(-1) ?? '', kept: 0 };
  const { kind, candidates } = await answer(before, current, world.environment);
  const lines = candidates
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, help }) => (shell === 'bash' ? word.slice(kept) : `${word}\t${help}`));
  world.stdout.write([kind, ...lines, ''].join('\n'));
  return 0;
}

async function answer(
  before: readonly string[],
  current: string,
  environment: Environment,
): Promise<{ readonly kind: 'words' | 'files' | 'directories'; readonly candidates: readonly Candidate[] }> {
  const wanted = wantedAt({ before, current, environment });
  if (wanted.kind !== 'destinations') return wanted;
  const hosts = await knownHosts(wanted.flake, environment);
  return { kind: 'words', candidates: [...wanted.candidates, ...hostCandidates(hosts, current, wanted)] };
}
