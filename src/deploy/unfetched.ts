import { problemOf } from '../core/problem.ts';
import { absentPaths, forgetBuild } from '../host/build.ts';
import type { Deployment } from '../host/deployment.ts';
import type { Contact } from './contact.ts';
import { copyTo } from './copy.ts';
import type { HostRun } from './host.ts';

/**
 * Behind a build that could not be evaluated: copies the inputs that the host lacks, since it could not fetch them, and
 * lets it build once more. Throws the error where that is not what has happened, and as `copyTo`; a failure to fetch them
 * here either is told.
 */
export async function sendUnfetched(
  contact: Contact,
  run: HostRun,
  deployment: Deployment,
  error: unknown,
): Promise<void> {
  const { ports, plan, narration, release } = run;
  const problem = problemOf(error);
  if (problem.code !== 'build-failed' || problem.evaluated !== 'no') throw error;
  const { signal } = ports;
  const candidates = release.inputs.filter(({ copied }) => copied === 'if-fetching-fails');
  if (candidates.length === 0) throw error;
  const persist = <T>(work: Parameters<typeof contact.persist<T>>[0]): Promise<T> =>
    contact.persist(work, plan.limits.reconnectTimeoutMs, signal);
  const paths = candidates.map(({ storePath }) => storePath);
  const absent = await persist((over) => absentPaths(over, deployment, paths, signal));
  const missing = candidates.filter(({ storePath }) => absent.includes(storePath));
  if (missing.length === 0) throw error;
  const names = missing.map(({ name }) => name).join(', ');
  try {
    await ports.fetchInputs(missing);
  } catch (thrown) {
    signal.throwIfAborted();
    const { reason } = ports.explain(problemOf(thrown), plan.host.name);
    narration.note(`it lacks ${names}, and this machine could not fetch that either: ${reason}`, 'warning');
    throw error;
  }
  narration.note(
    `it could not evaluate the flake and lacks inputs: ${names}; copying them, then it builds once more`,
    'warning',
  );
  await copyTo(contact, run, deployment, { paths: absent });
  await persist((over) => forgetBuild(over, deployment, signal));
}
