import type { RollbackAim } from '../core/plan.ts';
import { FlurryError } from '../core/problem.ts';
import type { EarlierSystems, PastDeployment } from '../host/earlier-systems.ts';
import type { Specialised } from './activate.ts';

/** The system that a rollback brings back. */
export interface RollbackTarget {
  readonly toplevel: string;
  /** What of it is to run, where that is not itself. */
  readonly specialised?: Specialised;
  /** The newest generation that holds it; absent where none does. */
  readonly generation?: number;
  /** The deployment that brought it last, where the history knows one. */
  readonly broughtBy?: PastDeployment;
}

/**
 * Decides what a host goes back to, from what its history and its profile tell and what runs on it.
 *
 * Throws nothing-to-roll-back-to, not-what-was-promoted, no-such-generation, no-such-revision, ambiguous-revision, and
 * system-gone where that system is not in the store any more, or none of NixOS.
 */
export function chooseTarget(aim: RollbackAim, systems: EarlierSystems, running: string): RollbackTarget {
  const runs = toplevelOf(aim, systems, running);
  const generations = numbersOf(systems);
  const holding = (toplevel: string) => systems.generations.findLast((each) => each.toplevel === toplevel)?.number;
  // A host that ran a specialisation booted its parent, and is to do so again.
  const special = holding(runs) === undefined ? systems.specialised.get(runs) : undefined;
  const toplevel = special?.parent ?? runs;
  if (!systems.present.has(toplevel)) throw new FlurryError({ code: 'system-gone', toplevel, generations });
  const generation = holding(toplevel);
  const broughtBy = systems.deployments.findLast((each) => hasRun(each) && each.runs === runs);
  return {
    toplevel,
    ...(special === undefined ? {} : { specialised: { name: special.name, toplevel: runs } }),
    ...(generation === undefined ? {} : { generation }),
    ...(broughtBy === undefined ? {} : { broughtBy }),
  };
}

function toplevelOf(aim: RollbackAim, systems: EarlierSystems, running: string): string {
  switch (aim.kind) {
    case 'replaced':
      return replacedByLast(systems, running);
    case 'generation':
      return generation(systems, aim.number);
    case 'revision':
      return lastOfRevision(systems, aim.rev);
  }
}

/** What ran before the last promotion. That must be the one that brought what runs now: nobody knows better what was meant. */
function replacedByLast(systems: EarlierSystems, running: string): string {
  const generations = numbersOf(systems);
  const ran = systems.deployments.filter(hasRun);
  const last = ran.findLastIndex(({ verdict }) => verdict === 'promoted');
  const promoted = ran[last];
  if (promoted === undefined) throw new FlurryError({ code: 'nothing-to-roll-back-to', generations });
  if (promoted.runs !== running) {
    const { id, runs: expected } = promoted;
    throw new FlurryError({ code: 'not-what-was-promoted', id, expected, found: running, generations });
  }
  // What was tested first, and promoted by a later run, ran already when that began.
  const replacing = ran.slice(0, last + 1).findLast((each) => each.runs === running && each.old !== running);
  if (replacing === undefined) throw new FlurryError({ code: 'nothing-to-roll-back-to', generations });
  return replacing.old;
}

function generation(systems: EarlierSystems, number: number): string {
  const found = systems.generations.find((each) => each.number === number);
  if (found !== undefined) return found.toplevel;
  throw new FlurryError({ code: 'no-such-generation', number, generations: numbersOf(systems) });
}

function lastOfRevision({ deployments }: EarlierSystems, rev: string): string {
  const known = deployments.filter(hasRun).filter((each) => each.release.rev !== undefined);
  const matching = known.filter((each) => each.release.rev?.startsWith(rev) === true);
  const revisions = (of: readonly PastDeployment[]) => [
    ...new Set(of.flatMap(({ release }) => release.rev ?? []).reverse()),
  ];
  const [found, ...others] = revisions(matching);
  if (found === undefined) throw new FlurryError({ code: 'no-such-revision', rev, known: revisions(known) });
  if (others.length > 0) throw new FlurryError({ code: 'ambiguous-revision', rev, matching: revisions(matching) });
  return matching.at(-1)?.runs ?? '';
}

/** Its new system ran, was tested, and stayed. */
function hasRun({ verdict }: PastDeployment): boolean {
  return verdict === 'promoted' || verdict === 'tested';
}

function numbersOf({ generations }: EarlierSystems): readonly number[] {
  return generations.map(({ number }) => number);
}
