import { runProgram } from './run-program.ts';

/** Names the branch that is checked out; undefined for a detached head, and where there is no git. */
export async function branchOf(directory: string, signal: AbortSignal): Promise<string | undefined> {
  const branch = await git(directory, ['symbolic-ref', '--quiet', '--short', 'HEAD'], signal);
  return branch?.trimEnd() || undefined;
}

/** Gives the commit that is checked out; undefined where there is none, and where there is no git. */
export async function headOf(directory: string, signal: AbortSignal): Promise<string | undefined> {
  const head = await git(directory, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], signal);
  return head?.trimEnd() || undefined;
}

/** Counts the changed files of a work tree that Nix sees: tracked and added ones; undefined where there is no git. */
export async function changedFiles(directory: string, signal: AbortSignal): Promise<number | undefined> {
  const status = await git(directory, ['status', '--porcelain=v1', '-z', '--untracked-files=no'], signal);
  if (status === undefined) return undefined;
  const fields = status.split('\0').filter((field) => field !== '');
  let count = 0;
  // A renamed or copied file has two fields: `R  new`, `old`.
  for (let index = 0; index < fields.length; index += /^(?:[RC].|.[RC])/.test(fields[index] ?? '') ? 2 : 1) count += 1;
  return count;
}

/**
 * Counts the commits that only one of two revisions has: `ahead` the first, `behind` the second. Undefined where git does
 * not know both, and in a shallow clone, whose history ends too early to tell.
 */
export async function commitsBetween(
  directory: string,
  { rev, base }: { readonly rev: string; readonly base: string },
  signal: AbortSignal,
): Promise<{ readonly ahead: number; readonly behind: number } | undefined> {
  const shallow = await git(directory, ['rev-parse', '--is-shallow-repository'], signal);
  if (shallow?.trimEnd() !== 'false') return undefined;
  const range = `${rev}...${base}`;
  const counts = await git(directory, ['rev-list', '--left-right', '--count', '--end-of-options', range], signal);
  const [, ahead, behind] = /^(\d+)\t(\d+)\n$/.exec(counts ?? '') ?? [];
  return ahead === undefined || behind === undefined ? undefined : { ahead: Number(ahead), behind: Number(behind) };
}

async function git(directory: string, words: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  // A file system monitor is a program that the repository's own configuration names, and it writes into .git.
  const end = await runProgram({
    name: 'git',
    arguments: ['-C', directory, '-c', 'core.fsmonitor=false', ...words],
    signal,
  });
  return end.kind === 'ok' ? end.stdout : undefined;
}
