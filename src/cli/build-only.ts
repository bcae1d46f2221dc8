import type { DeployRequest } from '../config/request.ts';
import { FlurryError, type Problem } from '../core/problem.ts';
import type { FlakeRelease } from '../core/release.ts';
import type { ExitCode } from '../core/verdict.ts';
import { commandAgain, commandTo, destinationsByName } from './command-again.ts';
import { likelyConfiguration } from './likely-configurations.ts';
import { runOnHosts } from './run-hosts.ts';
import type { VerbCall } from './verb-call.ts';

/**
 * `--goal build --build-on local`: builds what each host would get, and asks no host anything. Throws FlurryError
 * (exit 2) where only the host could tell what that is; after that it never throws.
 */
export async function buildOnly(
  { line, settings, world, signal }: VerbCall,
  request: DeployRequest,
  release: FlakeRelease,
): Promise<ExitCode> {
  const hosts = request.hosts.map((host) => ({ host, configuration: likelyConfiguration(release, host) }));
  const known = hosts.flatMap(({ host, configuration }) =>
    configuration === undefined ? [] : { host, configuration },
  );
  if (known.length < hosts.length) {
    const unknown = hosts.filter(({ configuration }) => configuration === undefined);
    const typed = destinationsByName(line.destinations);
    const problems = unknown.map(({ host }) => unnamed(typed.get(host.name) ?? host.name, release));
    throw new FlurryError({ code: 'bad-arguments', problems });
  }

  const [{ buildFleet }, { builderHere }, { createReport }] = await Promise.all([
    import('../deploy/build-fleet.ts'),
    import('../nix/build-here.ts'),
    import('../report/report.ts'),
  ]);
  const builder = builderHere(release, { timeoutMs: request.limits.buildTimeoutMs });
  const { reference, rev = null, branch = null, dirtyFiles, narHash } = release.snapshot;
  const { parallelBuilds } = request;
  try {
    return await runOnHosts({
      request,
      started: {
        event: 'run-started',
        verb: 'deploy',
        goal: request.goal,
        deployment: null,
        flake: { reference, rev, branch, dirtyFiles, narHash },
        hosts: request.hosts.map(({ name }) => name),
      },
      world,
      signal,
      createReport,
      commandFor: commandAgain(line, settings),
      commandTo: commandTo(line, settings),
      destinations: destinationsByName(line.destinations),
      work: (ports) =>
        buildFleet({ release, parallelBuilds, hosts: known }, { ...ports, signal, buildHere: builder.build }),
    });
  } finally {
    await builder.close();
  }
}

function unnamed(typed: string, { configurations }: FlakeRelease): Problem<'bad-argument'> {
  const some = configurations.slice(0, 5).join(', ');
  return {
    code: 'bad-argument',
    argument: `destination ${JSON.stringify(typed)}`,
    expected: 'named like its configuration, or followed by /CONFIGURATION, since no host is asked for its name',
    found: typed,
    next: `write ${typed.replace(/\/.*/, '')}/NAME; the flake has ${some}${configurations.length > 5 ? ' and others' : ''}`,
  };
}
