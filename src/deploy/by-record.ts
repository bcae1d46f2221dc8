import type { HostFacts } from '../core/facts.ts';
import type { HostPlan } from '../core/plan.ts';
import type { FlakeSnapshot } from '../core/release.ts';
import type { Built } from '../host/build.ts';
import { isSettled } from './outcome.ts';

/** What it is decided by. */
export interface Recorded {
  readonly plan: Pick<HostPlan, 'goal' | 'reboots' | 'buildOn' | 'specialisation' | 'installBootloader' | 'shortcut'>;
  readonly facts: HostFacts;
  readonly configuration: string;
  readonly snapshot: Pick<FlakeSnapshot, 'narHash' | 'lastModified' | 'rev'>;
  /** Of what the host's Nix would be given now; absent where what comes of that may depend on more. */
  readonly evaluation: string | undefined;
}

/** Why nothing is taken from the record. */
export type NotByRecord =
  | 'it was not wanted'
  | 'only the whole way builds'
  | 'it is built on this machine'
  | 'more than the system itself is wanted'
  | 'the evaluation may depend on more than the release'
  | 'no record that checks out'
  | 'it was another release'
  | 'it does not both run and boot it'
  | 'a reboot may be due';

/**
 * Tells whether a host's own record settles that it runs and boots what this release would give: then there is nothing to
 * copy, to evaluate and to build. Says yes only where the whole way would come to the same.
 */
export function byRecord(recorded: Recorded): { readonly built: Built } | { readonly not: NotByRecord } {
  const not = reasonAgainst(recorded);
  if (not !== undefined) return { not };
  const { running, rebootFor } = recorded.facts;
  const change = { inhibitors: [], bootsOther: rebootFor, bootOnce: 'cannot', specialisations: new Map() } as const;
  return { built: { toplevel: running, change } };
}

function reasonAgainst({ plan, facts, configuration, snapshot, evaluation }: Recorded): NotByRecord | undefined {
  if (plan.shortcut === 'never') return 'it was not wanted';
  if (plan.goal === 'build') return 'only the whole way builds';
  if (plan.buildOn === 'local') return 'it is built on this machine';
  if (plan.specialisation !== undefined || plan.installBootloader === 'yes')
    return 'more than the system itself is wanted';
  if (evaluation === undefined) return 'the evaluation may depend on more than the release';
  const from = facts.evaluatedFrom;
  if (from === undefined || facts.deployment === 'under-way') return 'no record that checks out';
  const isThis =
    from.evaluation === evaluation &&
    from.configuration === configuration &&
    from.narHash === snapshot.narHash &&
    from.lastModified === snapshot.lastModified &&
    from.rev === snapshot.rev;
  if (!isThis) return 'it was another release';
  if (facts.running === '' || !isSettled(facts, facts.running)) return 'it does not both run and boot it';
  // What a reboot would bring is known for certain where it has booted this very system.
  const isSure = plan.reboots.reboot === 'never' && facts.bootDefault.loader !== 'unknown';
  return facts.booted === facts.running || isSure ? undefined : 'a reboot may be due';
}
