import type { Limits } from '../core/limits.ts';
import type { Session, Shell } from '../core/ports.ts';
import { FlurryError } from '../core/problem.ts';
import { ask } from './ask.ts';
import { readFields } from './fields.ts';
import { scripts, unitScripts } from './scripts.ts';

/** The host's side of a run: its name there, and how to be root. */
export interface Deployment {
  readonly id: string;
  readonly shell: Shell;
  readonly limits: Limits;
  /** `user@machine` of the coordinator, without blanks. */
  readonly owner: string;
}

/** A deployment that a crash or reboot had cut off, and the verdict that it was given now. */
export interface Reconciled {
  readonly id: string;
  readonly verdict: string;
}

/**
 * Puts the scripts of the units, and further files, into the deployment's folder `/run/flurry/<id>`, and closes what an
 * earlier crash left open; `quietly`: nothing but the folder. Throws run-full, and as `ask`.
 */
export async function prepareDeployment(
  session: Session,
  deployment: Deployment,
  { files, how = 'whole' }: { readonly files: Readonly<Record<string, string>>; readonly how?: 'whole' | 'quietly' },
  signal: AbortSignal,
): Promise<readonly Reconciled[]> {
  const all = { ...unitScripts, owner: `${deployment.owner}\n`, since: `${new Date().toISOString()}\n`, ...files };
  const name = 'the deployment’s folder';
  const question = {
    name,
    script: how === 'quietly' ? scripts.beginQuietly : scripts.begin,
    arguments: [deployment.id, ...Object.entries(all).flat()],
    shell: deployment.shell,
    timeoutMs: deployment.limits.answerTimeoutMs,
  };
  const answer = await ask(session, question, signal);
  const fields = readFields(name, answer);
  if (fields.optional('free-kib') !== undefined)
    throw new FlurryError({ code: 'run-full', freeBytes: fields.count('free-kib') * 1024 });
  return readReconciled(answer);
}

/** Closes what a crash left open, after the host was found rebooted. Throws as `ask`. */
export async function reconcile(session: Session, { shell, limits }: Deployment): Promise<readonly Reconciled[]> {
  const timeoutMs = limits.answerTimeoutMs;
  const question = { name: 'the late verdicts', script: scripts.reconcile, arguments: [], shell, timeoutMs };
  return readReconciled(await ask(session, question, new AbortController().signal));
}

/** Removes the ended deployment's folder on the host, its garbage collection roots and its timer. Throws as `ask`. */
export async function clearDeployment(session: Session, { id, shell, limits }: Deployment): Promise<void> {
  const timeoutMs = limits.answerTimeoutMs;
  const question = { name: 'the end of the deployment', script: scripts.clear, arguments: [id], shell, timeoutMs };
  await ask(session, question, new AbortController().signal);
}

function readReconciled(answer: string): readonly Reconciled[] {
  return readFields('the late verdicts', answer)
    .all('reconciled')
    .map((line) => {
      const [id = '', verdict = ''] = line.split(' ');
      return { id, verdict };
    });
}
