import { count, duration } from '../core/explain/quantity.ts';
import { shown } from '../core/explain/text.ts';
import { type SplitDeployment, splitDeployments } from '../core/split-deployment.ts';
import type { UnderWay } from '../core/status.ts';
import { age } from './age.ts';
import { block, indented, prose, type Seen, type StatusLinesOptions, type StatusVerb } from './status-block.ts';
import { standingBlocks } from './status-standing.ts';
import { goesOn } from './status-state.ts';
import type { Tone } from './words.ts';

/**
 * Tells what the table has no room for: what is under way on each host, what needs eyes, and how to go on. What is the
 * same of several hosts is told once; the most urgent comes last.
 */
export function statusLines(hosts: readonly Seen[], options: StatusLinesOptions): readonly string[] {
  const blocks = [
    ...standingBlocks(hosts, options),
    ...hosts.flatMap((seen) => blocksOf(seen, options)),
    ...splitDeployments(hosts).map((split) => splitBlock(split, options)),
  ];
  return blocks.flatMap((lines) => ['', ...lines]);
}

function blocksOf({ host, status }: Seen, options: StatusLinesOptions): readonly (readonly string[])[] {
  const { underWay, cutOff, now } = status;
  const told = (tone: Tone, words: string): readonly string[] => block(tone, `${host} ${words}`, options);
  const blocks: (readonly string[])[] = underWay.map((each) => [
    ...told(goesOn(each) ? 'good' : 'warned', underWayWords(each, now)),
    ...commandsFor(each, host, options),
  ]);
  for (const { deployment, at, by } of cutOff) {
    blocks.push([
      ...told('warned', `was rebooted in the middle of deployment ${deployment} by ${by}, ${age(at, now)} ago`),
      ...prose('the next deployment judges it by what the host then is, and so does this:', options),
      command('attach', host, options, [deployment]),
    ]);
  }
  return blocks;
}

/** `waits to be confirmed, 42 s left; begun 5 min ago by bob@laptop (20261122T032143Z-4f2a)` */
function underWayWords({ state, secondsLeft, since, by, deployment, atWork }: UnderWay, now: string): string {
  const left =
    secondsLeft === null || state === 'rolling-back' || !atWork ? '' : `, ${duration(secondsLeft * 1000)} left`;
  const begun = Number.isNaN(Date.parse(since)) ? 'begun' : `begun ${age(since, now)} ago`;
  const idle = atWork ? '' : '; no unit is at work on it any more: the next deployment puts the host back';
  return `${doing[state] ?? `is ${shown(state, 32)}`}${left}; ${begun} by ${by} (${deployment})${idle}`;
}

const doing: Readonly<Record<string, string>> = {
  building: 'builds its new system',
  locked: 'is about to check its new system',
  gating: 'checks its new system',
  gated: 'is ready to test its new system, and waits for other hosts',
  previewing: 'looks at what would be done',
  armed: 'is about to test its new system',
  testing: 'tests its new system',
  verifying: 'judges its units',
  waiting: 'waits to be confirmed',
  promoting: 'promotes its new system',
  'rolling-back': 'puts itself back',
  holding: 'could not put itself back, and may be told to hold',
};

const beforeItIsDecided: readonly string[] = ['locked', 'gating', 'gated', 'armed', 'testing', 'verifying', 'waiting'];

function commandsFor({ kind, state, atWork }: UnderWay, host: string, options: StatusLinesOptions): readonly string[] {
  const open = atWork && kind === 'transaction' && beforeItIsDecided.includes(state);
  const words: readonly StatusVerb[] = open ? ['attach', 'confirm', 'abort'] : ['attach'];
  return words.map((word) => command(word, host, options));
}

function splitBlock(split: SplitDeployment, options: StatusLinesOptions): readonly string[] {
  const { deployment, confirmed, back, inDoubt, waiting, cutOff } = split;
  const each = (verb: StatusVerb, hosts: readonly string[], words?: readonly string[]) =>
    hosts.map((host) => command(verb, host, options, words));
  const side = (words: string, hosts: readonly string[]): readonly string[] =>
    hosts.length === 0 ? [] : prose(`${words}: ${hosts.join(', ')}`, options);
  const total = [confirmed, back, inDoubt, waiting, cutOff].flat().length;
  return [
    ...block('warned', `deployment ${deployment} did not come to the same end on ${count(total, 'host')}`, options),
    ...side('confirmed', confirmed),
    ...side('runs what it ran before', back),
    ...side('in doubt', inDoubt),
    ...side('waits to be confirmed', waiting),
    ...side('cut off by a reboot', cutOff),
    ...prose('if they must change together (--all-or-nothing), settle it:', options),
    ...(waiting.length > 0 && confirmed.length > 0
      ? [
          ...prose('to bring along the ones that wait:', options),
          indented(options.commandTo('confirm', waiting), options),
        ]
      : []),
    ...(waiting.length > 0
      ? [
          ...prose('to have the ones that wait put back:', options),
          indented(options.commandTo('abort', waiting), options),
        ]
      : []),
    ...(cutOff.length > 0
      ? [...prose('to have judged what was cut off:', options), ...each('attach', cutOff, [deployment])]
      : []),
    ...(confirmed.length > 0
      ? [...prose('to take back the confirmed ones:', options), ...each('rollback', confirmed)]
      : []),
    ...(confirmed.length > 0 && back.length > 0
      ? [
          ...prose('or deploy the same flake to the others once more:', options),
          indented(options.commandTo('deploy', back), options),
        ]
      : []),
  ];
}

function command(verb: StatusVerb, host: string, options: StatusLinesOptions, words?: readonly string[]): string {
  return indented(options.commandTo(verb, [host], words), options);
}
