import type { DeployRequest } from '../config/request.ts';
import { FlurryError, type Problem } from '../core/problem.ts';
import type { FlakeRelease } from '../core/release.ts';
import type { ExitCode } from '../core/verdict.ts';
import { buildFleet } from '../deploy/build-fleet.ts';
import { builderHere } from '../nix/build-here.ts';
import { createReport } from '../report/report.ts';
import { commandAgain, commandTo } from './command-again.ts';
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
  const hosts = request.hosts.map(({ host }) => ({ host, configuration: likelyConfiguration(release, host) }));
  const known = hosts.flatMap(({ host, configuration }) =>
    configuration === undefined ? [] : { host, configuration },
  );
  if (known.length < hosts.length) {
    const unknown = hosts.filter(({ configuration }) => configuration === undefined);
    const { typed } = request;
    const problems = unknown.map(({ host }) => unnamed(typed.get(host.name) ?? host.name, release));
    throw new FlurryError({ code: 'bad-arguments', problems });
  }

  const builder = builderHere(release, { timeoutMs: longestBuildMs(request) });
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
        hosts: request.hosts.map(({ host }) => host.name),
      },
      world,
      signal,
      createReport,
      commandFor: commandAgain(line, settings, request),
      commandTo: commandTo(settings, request),
      work: (ports) =>
        buildFleet({ release, parallelBuilds, hosts: known }, { ...ports, signal, buildHere: builder.build }),
    });
  } finally {
    await builder.close();
  }
}

/** A configuration is built once, for however many hosts. */
export function longestBuildMs({ hosts }: Pick<DeployRequest, 'hosts'>): number {
  return Math.max(...hosts.map(({ limits }) => limits.buildTimeoutMs));
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
