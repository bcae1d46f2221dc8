import { checksFor } from '../core/check.ts';
import type { Unknown } from '../core/forecast.ts';
import { activates, type Goal } from '../core/goal.ts';
import type { Built } from '../host/build.ts';
import { type Foreseen, foresee } from '../host/foresee.ts';
import { type Decision, touchesHost, verdictIfWell } from './decision.ts';
import { problemOfEnd } from './ended-problem.ts';
import type { HostRun } from './host.ts';
import type { HostLink } from './link.ts';
import { lastSeen, type Outcome } from './outcome.ts';
import type { Building } from './phases.ts';

/**
 * Tells what would be done to a host, by the event `plan`: what was decided, and what the host says would come of it.
 * Gives the outcome of a host whose gate says no, and nothing otherwise. Throws contact-lost and as `ask`.
 */
export async function forecast(
  link: HostLink,
  run: HostRun,
  { built, decision, facts, deployment }: Planning,
): Promise<Outcome | undefined> {
  const { plan, ports, narration } = run;
  const { toplevel } = built;
  const goal = decision.kind === 'activate' ? decision.way.goal : 'build';
  const isSame = decision.kind === 'settled' || (decision.kind === 'built' && facts.running === toplevel);
  const specialised = decision.kind === 'built' ? undefined : decision.specialised;
  const request = {
    ...{ toplevel, running: facts.running, goal, gates: plan.gates },
    inhibited: decision.kind === 'activate' && decision.way.inhibitors.length > 0 ? 'yes' : 'no',
    ...(specialised !== undefined && { runs: specialised.toplevel }),
    ...(plan.selfCheck !== undefined && { selfCheck: plan.selfCheck }),
  } as const;
  link.reach.heard({ state: 'previewing' });
  const foreseen: Foreseen = isSame
    ? nothingForeseen
    : await narration.stage('preview', () =>
        link.contact.persist(
          (over) => foresee(over, deployment, request, ports.signal),
          plan.limits.reconnectTimeoutMs,
          ports.signal,
        ),
      );
  if (foreseen.kind === 'ends') {
    const { end, tail } = foreseen;
    return { verdict: end.verdict, problem: problemOfEnd(end, { toplevel, tail }), ...lastSeen(facts) };
  }
  tellPlan(run, { built, decision, foreseen });
  return undefined;
}

/** Tells what would be done, and what would come of it. */
export function tellPlan(
  { plan, narration }: Pick<HostRun, 'plan' | 'narration'>,
  { built: { toplevel, change }, decision, foreseen }: Told,
): void {
  const way = decision.kind === 'activate' ? decision.way : undefined;
  const reboots = way?.reboot === 'yes' || (decision.kind === 'settled' && decision.reboot === 'yes');
  narration.plan({
    ...{ verdict: verdictIfWell(decision), toplevel, reboots },
    bootedOnceFirst: way?.trial === 'yes',
    bootsOther: decision.kind === 'built' ? [] : change.bootsOther,
    inhibitors: way?.inhibitors ?? [],
    ...{ units: foreseen.units, closure: foreseen.closure },
    allOrNothing: plan.policies.together === 'all-or-nothing',
    unknown: unknownIn(decision, foreseen, { reboots, checks: checksFor('after', plan.checks).length > 0 }),
  });
}

interface Told extends Pick<Planning, 'built' | 'decision'> {
  readonly foreseen: Extract<Foreseen, { readonly kind: 'goes-on' }>;
}

/** Of a host that has it already. */
export const nothingForeseen = { kind: 'goes-on', units: null, closure: null } as const;

export interface Planning extends Pick<Building, 'facts' | 'deployment'> {
  readonly built: Built;
  readonly decision: Decision;
}

function unknownIn(
  decision: Decision,
  { units, selfCheck }: Extract<Foreseen, { readonly kind: 'goes-on' }>,
  { reboots, checks }: { readonly reboots: boolean; readonly checks: boolean },
): readonly Unknown[] {
  if (!touchesHost(decision)) return selfCheck === undefined ? [] : ['self-check'];
  const isTested = decision.kind === 'activate' && activates(decision.way.goal);
  return [
    ...(selfCheck === undefined ? [] : (['self-check'] as const)),
    ...(isTested ? (['units', ...(checks ? (['checks'] as const) : []), 'reachable'] as const) : []),
    ...(isTested && units === null ? (['units-touched'] as const) : []),
    ...(reboots ? (['boot'] as const) : []),
  ];
}

/** What is said at the end of a host of which only that was told. */
export function saidOf(decision: Decision): string {
  switch (decision.kind) {
    case 'built':
      return 'planned: it would be built, which it is now';
    case 'settled':
      return decision.reboot === 'yes'
        ? 'planned: runs and boots it already; would be rebooted'
        : 'runs and boots it already';
    case 'activate': {
      const { goal, reboot } = decision.way;
      return `planned: ${wouldBe[goal]}${reboot === 'yes' ? ', with a reboot' : ''}`;
    }
  }
}

const wouldBe: Readonly<Record<Goal, string>> = {
  build: 'would be built',
  'dry-activate': 'would be previewed',
  test: 'would be tested, and boot what it booted before',
  boot: 'would boot it next, untested',
  promote: 'would be tested and promoted',
};
