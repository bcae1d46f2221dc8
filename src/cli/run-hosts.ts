import type { CheckRequest, DeployRequest, HostsRequest, RollbackRequest } from '../config/request.ts';
import { type Emit, type EventBody, eventVersion, type HostResult } from '../core/event.ts';
import type { Login } from '../core/explain/place.ts';
import { type Explanation, explain } from '../core/explain.ts';
import type { Host } from '../core/host.ts';
import type { Phase } from '../core/phase.ts';
import type { Connect, Person } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { FlurryError, problemOf } from '../core/problem.ts';
import { type ExitCode, exitCodeOf } from '../core/verdict.ts';
import { programLine, watchPrograms } from '../nix/program-watch.ts';
import { type LogDirectory, openLogDirectory } from '../report/log-directory.ts';
import type { createReport } from '../report/report.ts';
import type { SshConnect, sshConnect } from '../ssh/connect.ts';
import { personAt, type TerminalPerson } from './ask-person.ts';
import { readSudoPassword } from './sudo-password.ts';
import { bugText } from './tell.ts';
import type { World } from './world.ts';

export interface Run {
  readonly request: DeployRequest | RollbackRequest | CheckRequest | HostsRequest;
  readonly started: Extract<EventBody, { readonly event: 'run-started' }>;
  readonly world: World;
  readonly signal: AbortSignal;
  readonly createReport: typeof createReport;
  /** Absent where no host is contacted. */
  readonly sshConnect?: typeof sshConnect;
  /** The command that does the same for these hosts only. */
  readonly commandFor: (hosts: readonly string[]) => string;
  /** The command of another verb for these hosts. */
  readonly commandTo: (verb: string, hosts: readonly string[], words?: readonly string[]) => string;
  /** The command that does to these hosts what a plan has told. */
  readonly commandToDo?: (hosts: readonly string[]) => string;
  /** Those of the flake, where there is one. */
  readonly configurations?: readonly string[];
  readonly work: (ports: {
    readonly emit: Emit;
    readonly explain: (problem: Problem, host: string, phase?: Phase) => Explanation;
    readonly connect: Connect;
    readonly person: Person;
    /** Shows what would be done to each host. */
    readonly showPlan: () => void;
  }) => Promise<readonly HostResult[]>;
}

/**
 * Does the work on the hosts under a report: from `run-started` to `result`, every host with a verdict even if flurry
 * itself fails on the way. What a person must be asked in any case is asked before the report begins. Gives the exit
 * code; throws `bad-argument` for logs that cannot be kept, and as `readSudoPassword`, before that, and nothing later.
 */
export async function runOnHosts(given: Run): Promise<ExitCode> {
  const logs = openLogs(given);
  const person = personAt(given.world);
  let emit: Emit = () => undefined;
  const { elevatePassword } = given.request;
  const source = given.sshConnect === undefined ? ({ kind: 'none' } as const) : elevatePassword;
  const sudoPassword = await readSudoPassword(source, { person, signal: given.signal });
  const connect = (given.sshConnect ?? contactsNoHost)({
    ...given.request,
    sudoPassword,
    ...(person.isThere() && { person }),
    ...(wantsDetails(given.request) && {
      verbose: (host: string, line: string) => emit({ event: 'detail', host, line }),
    }),
    note: (host, message) => emit({ event: 'note', host, phase: 'connect', level: 'warning', message }),
  });
  await connect.prepare(
    given.request.hosts.map(({ host }) => host),
    given.signal,
  );
  const run = { ...given, logs, world: worldOf(given.world, person) };
  return await runWith(run, { person, connect, listen: (to) => (emit = to) });
}

function openLogs({ request: { logDir }, started }: Run): LogDirectory | undefined {
  if (logDir === undefined) return undefined;
  const { path, source } = logDir;
  try {
    return openLogDirectory(path, started, new Date());
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FlurryError(
      { code: 'bad-argument', argument: source, expected: 'a directory that can be written', found: path, next: why },
      { cause },
    );
  }
}

function contactsNoHost(): SshConnect {
  const connect: Connect = () => Promise.reject(new Error('this run contacts no host'));
  return Object.assign(connect, { prepare: async () => undefined });
}

/** The same world, but for the questions that its last line may be. */
function worldOf({ stdout, environment, events, leave }: World, { stderr }: TerminalPerson): Omit<World, 'stdin'> {
  return { stdout, stderr, environment, events, leave };
}

async function runWith(
  run: Omit<Run, 'world'> & { readonly world: Omit<World, 'stdin'>; readonly logs: LogDirectory | undefined },
  {
    person,
    connect,
    listen,
  }: {
    readonly person: TerminalPerson;
    readonly connect: Connect;
    readonly listen: (emit: Emit) => void;
  },
): Promise<ExitCode> {
  const { request, world, signal } = run;
  const hosts = request.hosts.map(({ host }) => host);
  const bugs = watchForBugs(run);
  const report = run.createReport({
    output: request.output,
    verbosity: request.verbosity,
    stdout: world.stdout,
    stderr: world.stderr,
    environment: world.environment,
    retryCommand: run.commandFor,
    commandTo: run.commandTo,
    ...(run.commandToDo !== undefined && { commandToDo: run.commandToDo }),
    logs: run.logs,
  });
  const release = wantsDetails(request)
    ? watchPrograms((argv) => emit({ event: 'detail', host: null, line: programLine(argv) }))
    : () => {};
  const verdicts = new Map<string, HostResult>();
  const emit: Emit = (body) => {
    if (body.event === 'verdict') verdicts.set(body.host, resultIn(body));
    try {
      report.listen({ version: eventVersion, at: new Date().toISOString(), ...body });
    } catch (error) {
      // A report that cannot draw must not stop a deployment.
      bugs.met(error);
    }
  };
  const explainFor = (problem: Problem, host: string, phase?: Phase): Explanation => {
    const { sshConfigFile, verb } = run.request;
    const one = hosts.find(({ name }) => name === host);
    const elevate = one?.reach?.elevate;
    const command = run.commandFor([host]);
    const destination = request.typed.get(host);
    const { configurations } = run;
    const commandTo = (otherVerb: string, words: readonly string[]) => run.commandTo(otherVerb, [host], words);
    const login = one === undefined || one.via === 'local' ? undefined : loginOf(one);
    const typed = { host, login, destination, verb, command, commandTo, sshConfigFile, elevate };
    return explain(problem, { ...typed, phase, configurations });
  };

  listen(emit);
  emit(run.started);
  try {
    for (const result of await run.work({ emit, explain: explainFor, connect, person, showPlan: report.showPlan }))
      verdicts.set(result.host, result);
  } catch (error) {
    bugs.met(error);
    for (const { name } of hosts.filter((host) => !verdicts.has(host.name))) {
      const { reason, remedy } = explainFor(problemOf(error), name);
      emit({ event: 'verdict', ...unaccounted, host: name, reason, remedy });
    }
  }
  const results = hosts.flatMap(({ name }) => verdicts.get(name) ?? []);
  const worst = exitCodeOf(results.map(({ verdict }) => verdict));
  person.settle();
  const exitCode = signal.aborted && worst !== 3 ? 130 : bugs.count() > 0 && worst === 0 ? 1 : worst;
  emit({ event: 'result', exitCode, hosts: results });
  release();
  await report.close().catch(bugs.met);
  bugs.release();
  return exitCode;
}

function loginOf({ user, address, port }: Host): Login {
  return { user, host: address, ...(port !== undefined && { port: String(port) }) };
}

/** A host whose worker broke off without a word: nobody knows how far it came. */
const unaccounted = {
  verdict: 'in-doubt',
  code: 'internal',
  running: null,
  bootDefault: null,
  rev: null,
  seconds: 0,
} as const;

function resultIn({ event: _, ...result }: Extract<EventBody, { readonly event: 'verdict' }>): HostResult {
  return result;
}

/** A bug is told once, and does not take the other hosts' verdicts with it. */
function watchForBugs({
  world,
  request,
}: {
  readonly world: Pick<World, 'stderr' | 'events'>;
  readonly request: Run['request'];
}) {
  let count = 0;
  const met = (error: unknown): void => {
    count += 1;
    if (count === 1) world.stderr.write(bugText(error, isVerbose(request) ? 'stack' : 'message'));
  };
  world.events.on('uncaughtException', met);
  return { met, count: () => count, release: () => world.events.off('uncaughtException', met) };
}

function isVerbose({ verbosity }: Run['request']): boolean {
  return verbosity === 'verbose' || verbosity === 'debug';
}

/** Logs that are kept are for whoever looks for a fault. */
function wantsDetails({ verbosity, logDir }: Run['request']): boolean {
  return verbosity === 'debug' || logDir !== undefined;
}
