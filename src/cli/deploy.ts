import { readFleet } from '../config/fleet/read-fleet.ts';
import { readReleaseRequest } from '../config/read-flake-request.ts';
import { readDeployRequest } from '../config/read-request.ts';
import { readDeploySettings } from '../config/settings.ts';
import { verbosityOf } from '../config/typed.ts';
import { FlurryError } from '../core/problem.ts';
import type { FlakeRelease, LockedInput } from '../core/release.ts';
import type { ExitCode } from '../core/verdict.ts';
import { deployFleet } from '../deploy/fleet.ts';
import { builderHere } from '../nix/build-here.ts';
import { copyPaths } from '../nix/copy.ts';
import { architecturesOf } from '../nix/evaluation.ts';
import { fetchInputs } from '../nix/inputs.ts';
import { kinshipTo } from '../nix/kinship.ts';
import { programLine, watchPrograms } from '../nix/program-watch.ts';
import { createReport } from '../report/report.ts';
import { asksPerson, askToGo, askToGoOn, askToKeep, refuseUnaskable } from './asking.ts';
import { buildOnly, longestBuildMs } from './build-only.ts';
import { refuseUnbuildable } from './buildable.ts';
import { commandAgain, commandTo, commandToDo, wordsBeside } from './command-again.ts';
import { deploymentIdAt } from './deployment-id.ts';
import { type Pinned, pinRelease, withInputs } from './flake-release.ts';
import { likelyConfigurations } from './likely-configurations.ts';
import { ownerHere } from './owner.ts';
import { makePlan, orderOf } from './plan.ts';
import { refuseUnreadableFile } from './readable-file.ts';
import { runOnHosts } from './run-hosts.ts';
import type { VerbCall } from './verb-call.ts';
import { notAVerb, suspectIn } from './verb-guard.ts';

/**
 * `flurry [deploy] DEST...` and `flurry plan DEST...`. Everything that can be wrong with the request or the flake is found before a host is
 * touched, and thrown as FlurryError (exit 2). After that it never throws.
 */
export async function deploy(call: VerbCall): Promise<ExitCode> {
  const { line, settings, world, signal } = call;
  const typed = { ...line, settings };
  const wanted = readReleaseRequest(typed);
  if ('code' in wanted) throw new FlurryError(wanted);
  const loadSsh = sshMeanwhile();
  const pinned = await guarded(call, () => tellingPrograms(call, () => pinRelease({ ...wanted, signal })));
  const request = readDeployRequest(
    typed,
    readFleet(pinned.flurry, pinned.configurations),
    line.verb === 'plan' ? 'plan' : 'deploy',
  );
  if ('code' in request) throw new FlurryError(request);
  if (request.sshConfigFile !== undefined) await refuseUnreadableFile('--ssh-config', request.sshConfigFile);
  const asks = asksPerson(request);
  if (asks) refuseUnaskable(request, { settings, world });

  const hosts = request.hosts.map(({ host }) => host);
  refuseUnknownConfigurations(pinned, hosts);
  const release = await tellingPrograms(call, () => withInputs(pinned, request.copyInputs, signal));
  const builtHere = request.hosts.filter(({ buildOn }) => buildOn === 'local').map(({ host }) => host);
  if (builtHere.length > 0) await refuseUnbuildable(release, builtHere, signal);
  if (builtHere.length === hosts.length && request.goal === 'build') return await buildOnly(call, request, release);

  const { sshConnect } = await loadSsh();
  const plan = makePlan(request, release, { deploymentId: deploymentIdAt(new Date()), owner: ownerHere() });
  const likely = likelyConfigurations(release, hosts);
  const builder = builderHere(release, { timeoutMs: longestBuildMs(request) });
  const architectures = onceAsked(() => {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(platformPatienceMs)]);
    return architecturesOf({ ...release, names: likely, signal: patience });
  });
  const fetch = inTurn((inputs: readonly LockedInput[]) => fetchInputs(release, inputs, signal));
  const { rev: own, base, repository } = release.snapshot;
  const kinship = kinshipTo({ repository, rev: own ?? base }, signal);
  const { reference, rev = null, branch = null, dirtyFiles, narHash } = release.snapshot;
  const commandFor = commandAgain(line, settings, request);
  const hostNames = hosts.map(({ name }) => name);
  const isTogether = request.together === 'all-or-nothing';
  try {
    return await runOnHosts({
      // A live screen would draw over the question.
      request: asks && request.output === 'auto' ? { ...request, output: 'lines' } : request,
      started: {
        event: 'run-started',
        verb: request.verb,
        goal: request.goal,
        deployment: request.act === 'never' ? null : plan.deploymentId,
        flake: { reference, rev, branch, dirtyFiles, narHash },
        hosts: hostNames,
        ...orderOf(request),
      },
      world,
      signal,
      createReport,
      sshConnect,
      // Who wants all of them to change wants that of the next try as well.
      commandFor: isTogether ? () => commandFor(hostNames) : commandFor,
      commandTo: commandTo(settings, request),
      commandToDo: commandToDo(line, settings, request),
      configurations: release.configurations,
      work: (ports) =>
        deployFleet(plan, {
          ...{ ...ports, copyPaths, buildHere: builder.build, fetchInputs: fetch },
          ...{
            askPerson: askToKeep(ports.person),
            askToGo: askToGo(ports),
            askToGoOn: askToGoOn(ports.person),
            architectures,
            kinship,
            signal,
          },
        }),
    });
  } finally {
    await builder.close();
  }
}

/**
 * Gives what speaks to hosts. It is loaded when the first program is at work: that has a processor of its own, and before
 * it there is nothing to wait for.
 */
function sshMeanwhile(): () => ReturnType<typeof importSsh> {
  let loading: ReturnType<typeof importSsh> | undefined;
  const load = () => {
    stop();
    loading ??= importSsh();
    return loading;
  };
  const stop = watchPrograms(load);
  return load;
}

async function importSsh() {
  return await import('../ssh/connect.ts');
}

/** Most often nobody needs it; whoever does, needs the same. */
function onceAsked<T>(work: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= work();
    return answer;
  };
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
async function tellingPrograms<T>({ world, settings }: VerbCall, work: () => Promise<T>): Promise<T> {
  const { value } = readDeploySettings(settings);
  const isDebug = value !== undefined && verbosityOf(value, settings) === 'debug';
  if (!isDebug || value.output === 'json') return await work();
  const stop = watchPrograms((argv) => world.stderr.write(`flurry | ${programLine(argv)}\n`));
  return await work().finally(stop);
}

/** A mistyped verb must never become a deploy; where the flake cannot be read, the verb is still the first thing to mend. */
async function guarded({ line, settings }: VerbCall, read: () => Promise<Pinned>): Promise<Pinned> {
  const suspect = suspectIn(line.words);
  if (suspect === undefined) return await read();
  const { word, meant } = suspect;
  const release = await read().catch(() => undefined);
  if (release !== undefined && namesIn(release).includes(word)) return release;
  throw new FlurryError(notAVerb(word, meant, wordsBeside(word, line, settings)));
}

/** All names of hosts. What is wrong with the fleet is told later. */
function namesIn({ flurry, configurations }: Pinned): readonly string[] {
  return readFleet(flurry, configurations).hosts.map(({ host }) => host.name);
}

// To learn a configuration's platform can mean to evaluate much of it. It is only asked to refuse early what the build
// would refuse later, so no host waits long for it.
const platformPatienceMs = 10_000;

function refuseUnknownConfigurations(
  { configurations: existing }: Pick<FlakeRelease, 'configurations'>,
  hosts: readonly { readonly configuration?: string }[],
): void {
  const missing = hosts.flatMap(({ configuration }) =>
    configuration === undefined || existing.includes(configuration) ? [] : [configuration],
  );
  if (missing.length > 0) {
    throw new FlurryError({ code: 'no-such-configuration', named: [...new Set(missing)].join(', '), existing });
  }
}
