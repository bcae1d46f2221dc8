import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { BuilderHere } from '../nix/build-here.ts';

/** The builds of a run on this machine: each configuration once, however many hosts have it. */
export interface LocalBuilds {
  /** Gives the configuration's toplevel. Throws as the build, and the reason of the signal, which ends only the wait. */
  toplevel(configuration: string, asking: Asking): Promise<string>;
}

export interface Asking {
  readonly host: string;
  readonly signal: AbortSignal;
  /** Hears what is printed, where this host is the first to ask. */
  readonly onLine: (line: string) => void;
  /** Told where the configuration is built for another host already. */
  readonly onOther: (host: string) => void;
}

interface Build {
  readonly host: string;
  readonly toplevel: Promise<string>;
  /** Ends the build; once nobody waits for it any more. */
  readonly nobody: AbortController;
  waiting: number;
}

/** Makes no more than `parallel` builds at once. */
export function localBuilds(build: BuilderHere['build'], parallel: number): LocalBuilds {
  const slots = pLimit(parallel);
  const builds = new Map<string, Build>();

  const begin = (configuration: string, { host, onLine }: Asking): Build => {
    const nobody = new AbortController();
    const toplevel = slots(async () => {
      nobody.signal.throwIfAborted();
      return await build(configuration, { signal: nobody.signal, onLine });
    });
    const begun = { host, toplevel, nobody, waiting: 0 };
    builds.set(configuration, begun);
    return begun;
  };

  return {
    async toplevel(configuration, asking) {
      asking.signal.throwIfAborted();
      // One signal stops all hosts: Node would warn of a leak at the eleventh.
      setMaxListeners(0, asking.signal);
      const known = builds.get(configuration);
      if (known !== undefined) asking.onOther(known.host);
      const one = known ?? begin(configuration, asking);
      one.waiting += 1;
      const leave = leaving(asking.signal);
      try {
        return await Promise.race([one.toplevel, leave.promise]);
      } finally {
        leave.release();
        one.waiting -= 1;
        // The build is awaited: its programs have ended by then.
        if (one.waiting === 0 && asking.signal.aborted) {
          one.nobody.abort(asking.signal.reason);
          await one.toplevel.catch(() => undefined);
        }
      }
    },
  };
}

/** A promise that is rejected with the signal's reason, and never settles otherwise. */
function leaving(signal: AbortSignal): { readonly promise: Promise<never>; readonly release: () => void } {
  let release = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    const leave = (): void => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    release = () => signal.removeEventListener('abort', leave);
  });
  promise.catch(() => undefined);
  return { promise, release };
}
