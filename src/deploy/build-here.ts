import type { Session } from '../core/ports.ts';
import { problemOf } from '../core/problem.ts';
import { ask } from '../host/ask.ts';
import { type Built, receiveBuilt } from '../host/build.ts';
import { reachDaemonAsTrusted } from '../host/daemon.ts';
import type { Deployment } from '../host/deployment.ts';
import type { HostRun } from './host.ts';
import type { LocalBuilds } from './local-builds.ts';
import { makeFolder, releaseRecord } from './phases.ts';
import type { Narration } from './stage.ts';

/** Builds a configuration on this machine, and gives its toplevel; no host is asked. Throws as `LocalBuilds`. */
export async function buildHere(
  { builds, narration }: { readonly builds: LocalBuilds; readonly narration: Narration },
  { host, configuration }: { readonly host: string; readonly configuration: string },
  signal: AbortSignal,
): Promise<string> {
  return await narration.stage('build', () =>
    builds.toplevel(configuration, {
      host,
      signal,
      onLine: (line) => narration.log(line),
      onOther: (other) => narration.note(`${configuration} is being built for ${other} already`),
    }),
  );
}

/**
 * Does the work over the connection that stands, or over a new one: a build here may take hours, in which nothing holds
 * the old one, and nothing on the host hangs on it. Throws as connecting does, and what the work throws.
 */
export async function overLivingSession<T>(
  session: Session,
  { plan, ports, narration }: HostRun,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  if (await isLiving(session, plan.limits.answerTimeoutMs, ports.signal)) return await work(session);
  narration.note('the connection was lost while it was built for; another one is made');
  const options = { timeoutMs: plan.limits.connectTimeoutMs, signal: ports.signal };
  const fresh = await ports.connect(plan.host, options);
  try {
    return await work(fresh);
  } finally {
    await fresh.close();
  }
}

async function isLiving(session: Session, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await ask(session, { name: 'a sign of life', script: ':', arguments: [], shell: 'user', timeoutMs }, signal);
    return true;
  } catch (error) {
    const { code } = problemOf(error);
    if (code === 'connection-lost' || code === 'answer-timeout') return false;
    throw error;
  }
}

/** Copies a built system, with all that it refers to, into the host's store. Throws as `copyPaths`. */
export async function copyClosure(
  session: Session,
  { ports, plan, narration }: HostRun,
  { deployment, toplevel }: { readonly deployment: Deployment; readonly toplevel: string },
): Promise<void> {
  await narration.stage('copy', async () => {
    await ports.copyPaths({
      paths: [toplevel],
      what: 'closure',
      openDaemon: await reachDaemonAsTrusted(session, deployment.shell, ports.signal),
      stallTimeoutMs: plan.limits.copyStallTimeoutMs,
      signal: ports.signal,
      traffic: () => session.traffic(),
      onLine: (line) => narration.log(line),
    });
  });
}

/** Makes the deployment's folder on the host, and holds there what was copied. Throws as `ask`. */
export async function receiveToplevel(
  session: Session,
  run: HostRun,
  { deployment, configuration, toplevel }: Receiving,
): Promise<Built> {
  await makeFolder(session, run, deployment, { 'release.json': releaseRecord(run, configuration) });
  return await receiveBuilt(session, deployment, toplevel, run.ports.signal);
}

export interface Receiving {
  readonly deployment: Deployment;
  readonly configuration: string;
  readonly toplevel: string;
}
