import type { Session } from '../core/ports.ts';
import { type Built, receiveBuilt } from '../host/build.ts';
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

/** Makes the deployment's folder on the host, and holds there what was copied. Throws run-full, and as `ask`. */
export async function receiveToplevel(
  session: Session,
  run: HostRun,
  { deployment, configuration, toplevel }: Receiving,
): Promise<Built> {
  await makeFolder(session, run, deployment, { 'release.json': releaseRecord(run, configuration) });
  const { specialisation } = run.plan;
  return await receiveBuilt(session, deployment, { toplevel, specialisation }, run.ports.signal);
}

export interface Receiving {
  readonly deployment: Deployment;
  readonly configuration: string;
  readonly toplevel: string;
}
