import { runProgram } from './run-program.ts';

/** How a revision stands to ours, as git tells. `unknown`: it proves nothing, be it that git does not know the revision. */
export type Kinship =
  | { readonly kind: 'same' | 'ancestor' | 'apart' | 'unknown' }
  /** It holds ours and so many commits more. */
  | { readonly kind: 'descendant'; readonly commits: number };

/**
 * Gives the one who tells how other revisions stand to a revision of a local repository; each is asked for once. Nothing
 * is fetched. Throws the signal's reason.
 */
export function kinshipTo(
  ours: { readonly repository?: string | undefined; readonly rev?: string | undefined },
  signal: AbortSignal,
): (rev: string) => Promise<Kinship> {
  const { repository, rev: own } = ours;
  const asked = new Map<string, Promise<Kinship>>();
  return (rev) => {
    if (rev === own) return Promise.resolve({ kind: 'same' });
    if (repository === undefined || own === undefined) return Promise.resolve({ kind: 'unknown' });
    const answer = asked.get(rev) ?? ask(repository, own, rev, signal);
    asked.set(rev, answer);
    return answer;
  };
}

async function ask(repository: string, ours: string, theirs: string, signal: AbortSignal): Promise<Kinship> {
  const git = (...words: readonly string[]) =>
    runProgram({
      name: 'git',
      arguments: ['-C', repository, ...words],
      // A clone that lacks objects on purpose would fetch them.
      environment: { GIT_NO_LAZY_FETCH: '1' },
      signal,
    });
  // git-merge-base(1): 1 is no, anything else an error, such as a revision that it does not know.
  const isAncestor = async (older: string, newer: string): Promise<boolean | undefined> => {
    const end = await git('merge-base', '--is-ancestor', older, newer);
    if (end.kind === 'ok') return true;
    return end.kind === 'failed' && end.exitCode === 1 ? false : undefined;
  };
  const [isNewer, older] = await Promise.all([isAncestor(ours, theirs), isAncestor(theirs, ours)]);
  if (isNewer === true) {
    const end = await git('rev-list', '--count', `${ours}..${theirs}`);
    return { kind: 'descendant', commits: end.kind === 'ok' ? Number.parseInt(end.stdout, 10) : 1 };
  }
  const isOlder = isNewer === undefined ? undefined : older;
  if (isOlder === undefined) return { kind: 'unknown' };
  if (isOlder) return { kind: 'ancestor' };
  // Where the history is cut off, what joins the two may be beyond the cut.
  const shallow = await git('rev-parse', '--is-shallow-repository');
  return { kind: shallow.kind === 'ok' && shallow.stdout.trim() === 'false' ? 'apart' : 'unknown' };
}
