import type { Session } from '../core/ports.ts';
import { ask } from './ask.ts';
import type { Deployment } from './build.ts';
import { scripts } from './scripts.ts';

/** Removes the deployment's folder on the host, and the garbage collection roots in it. Throws as `ask`. */
export async function clearDeployment(session: Session, { id, shell, limits }: Deployment): Promise<void> {
  const timeoutMs = limits.answerTimeoutMs;
  const question = { name: 'the end of the deployment', script: scripts.clear, arguments: [id], shell, timeoutMs };
  await ask(session, question, new AbortController().signal);
}
