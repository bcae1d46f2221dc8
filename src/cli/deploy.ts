import { type DeployRequest, readDeployRequest } from '../config/request.ts';
import { FlurryError } from '../core/problem.ts';
import type { FlakeRelease, LockedInput } from '../core/release.ts';
import type { ExitCode } from '../core/verdict.ts';
import { programLine, watchPrograms } from '../nix/program-watch.ts';
import { asksPerson, askToKeep, refuseUnaskable } from './asking.ts';
import { buildOnly } from './build-only.ts';
import { refuseUnbuildable } from './buildable.ts';
import { commandAgain, commandTo, destinationsByName } from './command-again.ts';
import { deploymentIdAt } from './deployment-id.ts';
import { readRelease } from './flake-release.ts';
import { likelyConfigurations } from './likely-configurations.ts';
import { ownerHere } from './owner.ts';
import { makePlan } from './plan.ts';
import { refuseUnreadableFile } from './readable-file.ts';
import { runOnHosts } from './run-hosts.ts';
import type { VerbCall } from './verb-call.ts';
import { lookalike, notAVerb } from './verb-guard.ts';

/**
 * `flurry [deploy] DEST...`. Everything that can be wrong with the request or the flake is found before a host is
 * touched, and thrown as FlurryError (exit 2). After that it never throws.
 */
export async function deploy(call: VerbCall): Promise<ExitCode> {
  const { line, settings, world, signal } = call;
  const request = readDeployRequest({ ...line, settings });
  if ('code' in request) throw new FlurryError(request);
  if (request.sshConfigFile !== undefined) await refuseUnreadableFile('--ssh-config', request.sshConfigFile);
  const asks = asksPerson(request);
  if (asks) refuseUnaskable(request, { settings, world });

  const release = await guarded(line, () => tellingPrograms(call, request, () => readRelease({ ...request, signal })));
  refuseUnknownConfigurations(release, request.hosts);
  if (request.buildOn === 'local') await refuseUnbuildable(release, request.hosts, signal);
  if (request.buildOn === 'local' && request.goal === 'build') return await buildOnly(call, request, release);

  const [
    { deployFleet },
    { sshConnect },
    { copyPaths },
    { builderHere },
    { architecturesOf },
    { fetchInputs },
    report,
  ] = await Promise.all([
    import('../deploy/fleet.ts'),
    import('../ssh/connect.ts'),
    import('../nix/copy.ts'),
    import('../nix/build-here.ts'),
    import('../nix/evaluation.ts'),
    import('../nix/inputs.ts'),
    import('../report/report.ts'),
  ]);
  const plan = makePlan(request, release, { deploymentId: deploymentIdAt(new Date()), owner: ownerHere() });
  const likely = likelyConfigurations(release, request.hosts);
  const builder = builderHere(release, { timeoutMs: request.limits.buildTimeoutMs });
  const patience = AbortSignal.any([signal, AbortSignal.timeout(platformPatienceMs)]);
  const architectures = architecturesOf({ ...release, names: likely, signal: patience });
  const fetch = inTurn((inputs: readonly LockedInput[]) => fetchInputs(release, inputs, signal));
  const { reference, rev = null, branch = null, dirtyFiles, narHash } = release.snapshot;
  const commandFor = commandAgain(line, settings);
  const names = request.hosts.map(({ name }) => name);
  const isTogether = request.policies.together === 'all-or-nothing';
  try {
    return await runOnHosts({
      // A live screen would draw over the question.
      request: asks && request.output === 'auto' ? { ...request, output: 'lines' } : request,
      started: {
        event: 'run-started',
        verb: 'deploy',
        goal: request.goal,
        deployment: plan.deploymentId,
        flake: { reference, rev, branch, dirtyFiles, narHash },
        hosts: names,
      },
      world,
      signal,
      createReport: report.createReport,
      sshConnect,
      // Who wants all of them to change wants that of the next try as well.
      commandFor: isTogether ? () => commandFor(names) : commandFor,
      commandTo: commandTo(line, settings),
      destinations: destinationsByName(line.destinations),
      configurations: release.configurations,
      work: (ports) =>
        deployFleet(plan, {
          ...{ ...ports, copyPaths, buildHere: builder.build, fetchInputs: fetch },
          ...{ askPerson: askToKeep(ports.person), architectures, signal },
        }),
    });
  } finally {
    await builder.close();
  }
}

/** Several hosts may lack the same: the second finds it fetched. */
function inTurn<T>(work: (value: T) => Promise<void>): (value: T) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (value) => {
    const next = last.catch(() => {}).then(() => work(value));
    last = next;
    return next;
  };
}

/** With `-vv` says what is run before the report begins. */
async function tellingPrograms<T>(
  { world }: VerbCall,
  { verbosity, output }: DeployRequest,
  work: () => Promise<T>,
): Promise<T> {
  if (verbosity !== 'debug' || output === 'json') return await work();
  const stop = watchPrograms((argv) => world.stderr.write(`flurry | ${programLine(argv)}\n`));
  return await work().finally(stop);
}

/** A mistyped verb must never become a deploy; where the flake cannot be read, the verb is still the first thing to mend. */
async function guarded(line: VerbCall['line'], read: () => Promise<FlakeRelease>): Promise<FlakeRelease> {
  const [word = '', ...rest] = line.destinations;
  const meant = line.verbWas === 'left-out' ? lookalike(word) : undefined;
  if (meant === undefined) return await read();
  const release = await read().catch(() => undefined);
  if (release?.configurations.includes(word) === true) return release;
  throw new FlurryError(notAVerb(word, meant, rest));
}

// To learn a configuration's platform can mean to evaluate much of it. It is only asked to refuse early what the build
// would refuse later, so no host waits long for it.
const platformPatienceMs = 10_000;

function refuseUnknownConfigurations(
  { configurations: existing }: FlakeRelease,
  hosts: readonly { readonly configuration?: string }[],
): void {
  const missing = hosts.flatMap(({ configuration }) =>
    configuration === undefined || existing.includes(configuration) ? [] : [configuration],
  );
  if (missing.length > 0) {
    throw new FlurryError({ code: 'no-such-configuration', named: [...new Set(missing)].join(', '), existing });
  }
}
