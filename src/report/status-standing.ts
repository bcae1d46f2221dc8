import { listed, shown } from '../core/explain/text.ts';
import { block, indented, type Seen, type StatusLinesOptions } from './status-block.ts';
import { bootsAnother, isUnwell } from './status-state.ts';
import { shortToplevel } from './toplevel.ts';
import type { Tone } from './words.ts';

/** What can be told of a host that is in the middle of nothing. */
interface Finding {
  readonly tone: Tone;
  /** Whether this is true of the host: what is said of it, or nothing. `s`: the ending of verbs of one host. */
  readonly words: (seen: Seen, s: '' | 's') => string | undefined;
  readonly verb?: 'check';
}

/** The most urgent last. */
const findings: readonly Finding[] = [
  {
    tone: 'quiet',
    words: ({ status }, s) =>
      status.seenAs === 'root'
        ? undefined
        : `${s === 's' ? 'was' : 'were'} seen without root: what is under way there is not known`,
  },
  {
    tone: 'quiet',
    words: ({ status: { rebootFor } }, s) =>
      rebootFor.length === 0 ? undefined : `need${s} a reboot, for another ${rebootFor.join(', ')}`,
  },
  {
    tone: 'bad',
    words: ({ status: { failedUnits } }, s) =>
      failedUnits.length === 0 ? undefined : `ha${s === 's' ? 's' : 've'} failed units: ${listed(failedUnits, 5)}`,
    verb: 'check',
  },
  {
    tone: 'bad',
    words: ({ status: { systemState } }) =>
      isUnwell(systemState) ? `: systemd says ${shown(systemState, 32)}` : undefined,
    verb: 'check',
  },
  {
    tone: 'warned',
    words: ({ status: { flake, release } }, s) =>
      flake?.configuration === 'other' && release !== null
        ? `run${s} the configuration ${shown(release.configuration, 64)}, and would get another from this flake`
        : undefined,
  },
  {
    tone: 'warned',
    words: ({ status: { flake, release } }, s) => {
      if (flake === null || flake.ahead === null || flake.ahead === 0) return undefined;
      const has = `run${s} revision ${release?.rev?.slice(0, 7) ?? ''}, which has ${commits(flake.ahead)} that the flake here lacks`;
      return flake.behind === 0 ? has : `${has}, and lacks ${commits(flake.behind ?? 0)} of it`;
    },
  },
  {
    tone: 'warned',
    words: ({ status }, s) =>
      bootsAnother(status) ? `run${s} one system and boot${s} another: a reboot would change what runs` : undefined,
  },
  {
    tone: 'warned',
    words: ({ host, status: { underWay, bootsOnce } }, s) =>
      underWay.length > 0 || bootsOnce === null
        ? undefined
        : `boot${s} a system on trial at the next boot only: ${shortToplevel(bootsOnce, host)}`,
  },
];

/** Tells how hosts stand that are in the middle of nothing: once for all of which the same is to be told. */
export function standingBlocks(hosts: readonly Seen[], options: StatusLinesOptions): readonly (readonly string[])[] {
  return findings.flatMap(({ tone, words, verb }) => {
    const alike = new Map<string, Seen[]>();
    for (const seen of hosts) {
      const said = words(seen, '');
      if (said !== undefined) alike.set(said, [...(alike.get(said) ?? []), seen]);
    }
    return [...alike.values()].map((group) => {
      const [first] = group;
      const names = group.map(({ host }) => host);
      const said = first === undefined ? '' : (words(first, group.length === 1 ? 's' : '') ?? '');
      const lines = block(tone, `${names.join(', ')} ${said}`.replace(' : ', ': '), options);
      return verb === undefined ? lines : [...lines, indented(options.commandTo(verb, names), options)];
    });
  });
}

function commits(number: number): string {
  return `${number} commit${number === 1 ? '' : 's'}`;
}
