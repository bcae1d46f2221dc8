import { type GivenSettings, gatherSettings } from '../config/given.ts';
import { type Verb, withoutRelease } from '../config/option.ts';
import { eventVersion } from '../core/event.ts';
import { FlurryError } from '../core/problem.ts';
import type { ExitCode } from '../core/verdict.ts';
import { jsonLine } from '../report/json.ts';
import { sizeOf } from '../report/live-area.ts';
import { waysOn, withoutFlake } from './command-again.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { FleetNotRead } from './fleet-not-read.ts';
import { listenForInterruption } from './interruption.ts';
import { withPiped } from './piped-destinations.ts';
import { bugText, problemText, withoutFlakeText } from './tell.ts';
import type { VerbCall } from './verb-call.ts';
import type { World } from './world.ts';

/** Runs one command line that is more than a question for the version; see `main`. */
export async function runCommandLine(argv: readonly string[], world: World): Promise<number> {
  if (argv[0] === 'completion') {
    const { completion } = await import('./completion.ts');
    return await completion(argv.slice(1), world);
  }
  const typed = readCommandLine(argv);
  if (typed.question === 'version') {
    const { tellVersion } = await import('./version.ts');
    return await tellVersion(world);
  }
  if (typed.question === 'help') {
    const { helpText } = await import('./help.ts');
    const { verb, verbWas, destinations } = typed;
    const topic = verbWas === 'typed' ? verb : destinations[0] === 'privilege' ? 'privilege' : undefined;
    world.stdout.write(helpText(topic, world.stdout.isTTY === true ? world.stdout.columns : undefined));
    return 0;
  }
  const settings = gatherSettings(typed.verb, typed.flags, world.environment);
  // Before anybody listens for signals: until the hosts are named, to leave is all that one can mean.
  const line = await withPiped(typed, settings, world);
  const interruption = listenForInterruption(world, {
    afterwards: waysOn(line, settings),
    // It says nothing to a host, and awaits nothing that it would have begun.
    leaves: ['attach', 'list', 'config'].includes(line.verb) ? 'first' : 'second',
  });
  try {
    const call = { line, settings, world, signal: interruption.signal };
    const { runOf } = await import('./verbs.ts');
    if (line.destinations.length > 0 || line.all || !releasing.includes(line.verb)) return await runOf[line.verb](call);
    return endedUntouched(await runOf.hosts(call), call);
  } catch (error) {
    const exitCode = told(error, { world, signal: interruption.signal, line, settings });
    return endedUntouched(exitCode, { line, settings, world });
  } finally {
    interruption.release();
  }
}

/** Verbs that tell which hosts there are where none is named. */
const releasing: readonly Verb[] = ['deploy', 'plan'];

type Ended = Pick<VerbCall, 'line' | 'settings' | 'world'>;

/** Whoever reads the events finds their last line in any case. */
function endedUntouched(exitCode: ExitCode, { line: { verb }, settings, world }: Ended): ExitCode {
  // The answer of these is one document, and no events of a run.
  const isAnswer = verb === 'list' || verb === 'config';
  if (settings.get('output')?.value === 'json' && !isAnswer) {
    const at = new Date().toISOString();
    world.stdout.write(jsonLine({ version: eventVersion, at, event: 'result', exitCode, hosts: [] }));
  }
  return exitCode;
}

function columnsOf({ stderr }: World): number | undefined {
  return stderr.isTTY === true ? sizeOf(stderr).columns : undefined;
}

/** Tells what ended the run before any host was touched. */
function told(error: unknown, { world, signal, line, settings }: VerbCall): ExitCode {
  if (signal.aborted) {
    world.stderr.write('flurry: interrupted; no host was touched\n');
    return 130;
  }
  if (error instanceof FlurryError && error.problem.code !== 'internal') {
    world.stderr.write(problemText(error.problem, placeOf(line), columnsOf(world)));
    if (hasWayRound(error, line.verb))
      world.stderr.write(withoutFlakeText(withoutFlake(line, settings), columnsOf(world)));
    return 2;
  }
  world.stderr.write(bugText(error, wantsStack(settings) ? 'stack' : 'message'));
  return 1;
}

/** What is wrong with the flake's words about hosts need not hinder a verb that takes nothing else from it. */
function hasWayRound(error: FlurryError, verb: Verb): boolean {
  if (error instanceof FleetNotRead) return true;
  const { problem } = error;
  const isOfFlake =
    problem.code === 'bad-arguments' && problem.problems.some(({ argument }) => /^flurry(?:\.|$)/.test(argument));
  return isOfFlake && withoutRelease.some((one) => one === verb);
}

function placeOf({ destinations }: CommandLine) {
  const [destination, ...others] = destinations;
  return others.length === 0 ? { destination } : {};
}

function wantsStack(settings: GivenSettings): boolean {
  return settings.get('verbose')?.from === 'flag';
}
