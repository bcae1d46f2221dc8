import type { Event, HostResult } from '../core/event.ts';
import { count } from '../core/explain/quantity.ts';
import { grouped } from './alike.ts';
import { shortened } from './board.ts';
import { annotation } from './github.ts';
import type { Look } from './look.ts';
import { isTrouble, verdictWords } from './words.ts';

/** Collects what GitHub is to show beside the job. */
export interface Annotations {
  listen(event: Event): void;
  /** The commands that show them: hosts with the same reason share one, the worst come first. */
  commands(results: readonly HostResult[]): readonly string[];
}

/** GitHub shows so many errors and so many warnings of a step, and drops the rest. */
const mostOfEach = 10;
const mostNames = 20;

export function createAnnotations(look: Look): Annotations {
  const warnings = new Map<string, string[]>();
  return {
    listen(event) {
      if (event.event !== 'note' || event.level !== 'warning') return;
      const message = shortened(event.message);
      const hosts = warnings.get(message);
      if (hosts === undefined) warnings.set(message, [event.host]);
      else if (!hosts.includes(event.host)) hosts.push(event.host);
    },
    commands(results) {
      const trouble = results.filter(({ verdict }) => isTrouble(verdict));
      const groups = grouped(trouble).toReversed();
      const skipped = grouped(results.filter(({ verdict }) => verdict === 'skipped'));
      // What was said of a host that did not make it stands in its log; its reason is what counts.
      const well = (host: string) => trouble.every((result) => result.host !== host);
      const noted = [...warnings].map(([message, hosts]) => ({ message, hosts: hosts.filter(well) }));
      return [
        ...bounded(groups.map((group) => told('error', group, look))),
        ...bounded([
          ...skipped.map((group) => told('warning', group, look)),
          ...noted
            .filter(({ hosts }) => hosts.length > 0)
            .map(({ message, hosts }) => annotation('warning', named(hosts, look), look.text(message))),
        ]),
      ];
    },
  };
}

function bounded(commands: readonly string[]): readonly string[] {
  return commands.slice(0, mostOfEach);
}

function told(level: 'error' | 'warning', group: readonly [HostResult, ...HostResult[]], look: Look): string {
  const [{ verdict, reason, remedy, host }, ...others] = group;
  const { label, now } = verdictWords[verdict];
  const names = named(
    group.map((result) => result.host),
    look,
  );
  const likewise = others.length > 0 && remedy !== null ? [`for ${host}, and likewise for the others:`] : [];
  return annotation(
    level,
    `${names} ${label}; ${now[others.length === 0 ? 0 : 1]}`,
    [reason, ...likewise, ...(remedy ?? '').split('\n')]
      .filter((line) => line !== '')
      .map(look.text)
      .join('\n'),
  );
}

/** `web1`; `3 hosts (web1, web2, web3)` */
function named(hosts: readonly string[], look: Look): string {
  if (hosts.length === 1) return hosts.map(look.text).join('');
  const rest = hosts.length - mostNames;
  const names = hosts.slice(0, mostNames).map(look.text).join(', ');
  return `${count(hosts.length, 'host')} (${names}${rest > 0 ? ` and ${rest} more` : ''})`;
}
