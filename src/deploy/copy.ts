import { duration } from '../core/explain/quantity.ts';
import type { Session } from '../core/ports.ts';
import { FlurryError, problemOf } from '../core/problem.ts';
import { reachDaemon, reachDaemonAsTrusted } from '../host/daemon.ts';
import type { Deployment } from '../host/deployment.ts';
import { type Contact, contactWith } from './contact.ts';
import type { HostRun } from './host.ts';
import type { Reach } from './reach.ts';
import type { Narration } from './stage.ts';

/** What of a host's part of a run a copy needs. */
export type CopyingRun = Pick<HostRun, 'plan' | 'narration' | 'ports'>;

/** What is copied. */
export interface Cargo {
  /** What these refer to is copied with them. */
  readonly paths: readonly string[];
  /** A built system, unless it is sources. */
  readonly what?: 'closure';
  /** Whether the host asks its own substituters first; of use for built systems only. */
  readonly substituters?: 'first' | 'never';
}

/** How a connection is kept up while a host is copied to. */
export interface CopyingLink {
  readonly deployment: Deployment;
  /** Told when contact is lost, before the host is looked for. */
  readonly onLost: () => void;
}

/** What a copy of the flake holds: its source, overridden inputs, and inputs that the host cannot get by itself. */
export function sourcesOf({ snapshot, overrides, inputs }: HostRun['release']): Cargo {
  const paths = [
    snapshot.storePath,
    ...overrides.map(({ storePath }) => storePath),
    ...inputs.filter(({ copied }) => copied === 'first').map(({ storePath }) => storePath),
  ];
  return { paths: [...new Set(paths)] };
}

/** What a copy of a built system holds. */
export function closureOf(toplevel: string): Cargo {
  return { paths: [toplevel], what: 'closure', substituters: 'first' };
}

/**
 * Copies into the host's store; then does further work over the connection that stands, which need not be the one that it
 * began with. Throws as `copyTo`, and what the work throws.
 */
export async function withCopied<T>(
  session: Session,
  run: HostRun,
  { deployment, onLost, cargo }: CopyingLink & { readonly cargo: Cargo },
  work: (standing: Session) => Promise<T>,
): Promise<T> {
  const { narration, plan, ports } = run;
  const contact = contactWith(session, {
    host: plan.host,
    connect: ports.connect,
    connectTimeoutMs: plan.limits.connectTimeoutMs,
    reach: reachWhileCopying(narration),
    onLost,
    signal: ports.signal,
    onFound: () => narration.note('the copy goes on; what has arrived is not sent again'),
  });
  try {
    await run.inCopySlot((leave) => {
      const lost = (): void => leave();
      return narration.stage('copy', () => copyTo(contact, run, deployment, cargo, lost));
    });
    return await contact.once(work);
  } finally {
    await contact.close();
  }
}

/**
 * Copies paths to a host. Where nothing moves for --copy-stall-timeout or the connection is lost, it is tried again over a
 * new connection, as long as that brings something or --reconnect-timeout is not over; paths that have arrived are not
 * sent again. On failure each path is valid there or absent.
 * Throws copy-stalled, copy-failed, contact-lost, what else `copyPaths` throws, and the signal's reason.
 */
export async function copyTo(
  contact: Contact,
  { plan, ports, narration }: CopyingRun,
  deployment: Deployment,
  { paths, what, substituters = 'never' }: Cargo,
  onTrouble: () => void = () => {},
): Promise<void> {
  const { copyStallTimeoutMs, reconnectTimeoutMs } = plan.limits;
  const reach = what === 'closure' ? reachDaemonAsTrusted : reachDaemon;
  let troubledSince: number | undefined;
  const once = async (over: Session): Promise<void> => {
    let arrived = 0;
    try {
      await ports.copyPaths({
        paths,
        ...(what !== undefined && { what }),
        substituters,
        openDaemon: await reach(over, deployment.shell, ports.signal),
        stallTimeoutMs: copyStallTimeoutMs,
        signal: ports.signal,
        traffic: () => over.traffic(),
        onLine: (line) => narration.log(line),
        onProgress: ({ sentBytes, totalBytes, paths: done, totalPaths }) => {
          arrived = done;
          narration.copying({ sentBytes, totalBytes, paths: done, totalPaths });
        },
      });
    } catch (error) {
      const { code } = problemOf(error);
      if (code !== 'copy-stalled' && code !== 'connection-lost') throw error;
      const now = performance.now();
      const since = arrived > 0 ? now : (troubledSince ?? now);
      troubledSince = since;
      if (now - since > reconnectTimeoutMs) {
        if (code === 'copy-stalled') throw error;
        throw new FlurryError(
          { code: 'contact-lost', state: 'copying', afterMs: Math.round(now - since) },
          { cause: error },
        );
      }
      onTrouble();
      if (code === 'connection-lost') throw error;
      narration.note(
        `the copy stood still for ${duration(copyStallTimeoutMs)}; trying again over a new connection`,
        'warning',
      );
      throw new FlurryError({ code: 'connection-lost', said: 'nothing moved while copying' }, { cause: error });
    }
  };
  try {
    await contact.persist(once, reconnectTimeoutMs, ports.signal);
  } catch (error) {
    const problem = problemOf(error);
    if (problem.code !== 'contact-lost') throw error;
    throw new FlurryError({ ...problem, state: 'copying' }, { cause: error });
  }
}

/** Nothing goes on there while it is copied to: the host is as it was. */
function reachWhileCopying(narration: Narration): Reach {
  let since: number | undefined;
  return {
    begun: () => {},
    heard: () => {},
    unproven: () => {},
    soonestBackMs: () => undefined,
    lost() {
      if (since !== undefined) return;
      since = Date.now();
      const does = 'what has arrived stays there, and nothing else of it changes';
      narration.outOfReach({ contact: 'lost', reason: 'last seen being copied to', course: 'stays', does, by: null });
    },
    again() {
      if (since === undefined) return;
      narration.reachedAgain({ contact: 'lost', milliseconds: Date.now() - since });
      since = undefined;
    },
  };
}
