import type { HostResult } from '../core/event.ts';
import type { BuildPlan } from '../core/plan.ts';
import { account } from './account.ts';
import { buildHere } from './build-here.ts';
import { localBuilds } from './local-builds.ts';
import type { DeployPorts } from './ports.ts';

/** Builds what each host would get on this machine, and asks no host anything. Emits what happens; never throws. */
export async function buildFleet(
  { hosts, release, parallelBuilds }: BuildPlan,
  ports: Pick<DeployPorts, 'emit' | 'signal' | 'explain' | 'buildHere'>,
): Promise<readonly HostResult[]> {
  const builds = localBuilds(ports.buildHere, parallelBuilds);
  const rev = release.snapshot.rev ?? null;
  return await Promise.all(
    hosts.map(({ host: { name }, configuration }) =>
      account({ host: name, rev, ports, verdictOf: () => undefined }, async (narration) => {
        const toplevel = await buildHere({ builds, narration }, { host: name, configuration }, ports.signal);
        return { verdict: 'built', said: `built ${configuration} on this machine: ${toplevel}` };
      }),
    ),
  );
}
