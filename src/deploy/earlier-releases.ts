import { count } from '../core/explain/quantity.ts';
import { shown } from '../core/explain/text.ts';
import type { DeployedBefore, HostFacts } from '../core/facts.ts';
import { FlurryError } from '../core/problem.ts';
import type { ActivationRun, HostRun } from './host.ts';

/** Tells what others have deployed to the host since the last deployment of whoever runs this. */
export function tellOthers({ byOthers }: HostFacts, { narration }: Pick<ActivationRun, 'narration'>): void {
  const last = byOthers?.deployments.at(-1);
  if (byOthers === undefined || last === undefined) return;
  const { deployments, sinceOurs } = byOthers;
  const times = `${byOthers.reach === 'all' ? '' : 'at least '}${count(deployments.length, 'deployment')}`;
  const who = deployments.length === 1 ? '' : `${times} by others, the last one: `;
  narration.note(`since your last deployment there (${shown(sinceOurs, 40)}): ${who}${described(last)}`);
}

interface ReleaseRun extends Pick<HostRun, 'owner' | 'narration'> {
  readonly plan: Pick<HostRun['plan'], 'goal' | 'gates'>;
  readonly release: {
    readonly snapshot: Omit<HostRun['release']['snapshot'], 'reference' | 'storePath' | 'dirtyFiles'>;
  };
  readonly ports: Pick<HostRun['ports'], 'kinship'>;
}

/**
 * Tells how what the host runs stands to what is to be deployed. Throws would-downgrade where that is proven to be an
 * ancestor of it: commits that run there would be gone. Branches and rebases are normal, so anything less is only told.
 */
export async function judgeRelease({ broughtBy: theirs }: HostFacts, run: ReleaseRun): Promise<void> {
  const { plan, release, ports, narration, owner } = run;
  const { rev, base = rev, narHash, lastModified, repository = '' } = release.snapshot;
  if (theirs === undefined || theirs.narHash === '' || theirs.narHash === narHash || plan.goal === 'build') return;
  const ours = `${base === undefined ? 'this tree' : short(base)}${on(lastModified)}`;
  if (theirs.rev === undefined) {
    // What one has deployed from one's own tree, one knows.
    if (theirs.by !== owner)
      narration.note(`it runs ${described(theirs)}; whether that is older than ${ours} is not known`);
    return;
  }
  const kinship = await ports.kinship(theirs.rev);
  switch (kinship.kind) {
    case 'same':
    case 'ancestor':
      return;
    case 'apart':
      narration.note(
        `it runs ${described(theirs)}, of another branch than ${ours}: neither holds the other`,
        'warning',
      );
      return;
    case 'unknown':
      narration.note(`it runs ${described(theirs)}; whether that is older than ${ours} is not known`);
      return;
    case 'descendant': {
      const { commits } = kinship;
      if (plan.gates.downgrade !== 'allow' && plan.goal !== 'dry-activate') {
        const { by, at, rev: newer } = theirs;
        const tree = rev === undefined ? 'dirty' : 'clean';
        const older = { older: base ?? '', tree, repository } as const;
        throw new FlurryError({ code: 'would-downgrade', newer, ...older, commits, by, at });
      }
      narration.note(
        `goes back by ${count(commits, 'commit')}: it runs ${described(theirs)}, newer than ${ours}`,
        'warning',
      );
      return;
    }
    default:
      kinship satisfies never;
  }
}

/** `revision 1a2b3c4d5e6f of 2026-11-29, deployed 2026-11-29T10:00:00Z by bob@ci: promoted` */
function described({ rev, narHash, lastModified, at, by, verdict }: DeployedBefore): string {
  const unnamed = narHash === '' ? 'a system of no known release' : 'a tree without a revision';
  const what = `${rev === undefined ? unnamed : `revision ${short(rev)}`}${on(lastModified)}`;
  return `${what}, deployed ${shown(at, 40)} by ${shown(by, 64)}${verdict === undefined ? '' : `: ${verdict}`}`;
}

function short(rev: string): string {
  return rev.slice(0, 12);
}

/** Of a time that a host may have made up. */
function on(seconds: number): string {
  const date = new Date(seconds * 1000);
  return seconds <= 0 || Number.isNaN(date.getTime()) ? '' : ` of ${date.toISOString().slice(0, 10)}`;
}
