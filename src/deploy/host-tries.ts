import type { Session } from '../core/ports.ts';
import { type CheckLine, type CheckLineOptions, openCheckLine } from '../host/check-line.ts';
import type { Contact } from './contact.ts';

/** Tries on a host, over one channel for all its checks; where that is lost, it is opened again. */
export interface HostTries {
  /**
   * Has a check tried, by its number. One that was lost with the connection is tried again, and its limit begins anew.
   * Throws what keeps it from being tried, and the signal's reason.
   */
  tryNow(check: number, limitMs: number, signal: AbortSignal): Promise<string>;
  close(): void;
}

export function hostTries(
  contact: Pick<Contact, 'persist'>,
  options: CheckLineOptions & { readonly findMs: number },
): HostTries {
  const closed = new AbortController();
  let current: Opened | undefined;
  const lineOn = (over: Session): Promise<CheckLine> => {
    if (current === undefined || current.over !== over || current.isBroken()) {
      current = opened(over, options, closed.signal);
    }
    return current.line;
  };
  return {
    async tryNow(check, limitMs, signal) {
      const work = async (over: Session): Promise<string> => {
        signal.throwIfAborted();
        return await (await lineOn(over)).tryNow(check, limitMs, signal);
      };
      // Whoever else is at work with the host looks for it together with us: our signal must not end that.
      const answered = contact.persist(work, options.findMs);
      answered.catch(() => {}); // nobody may wait for it any more
      return await Promise.race([answered, firing(signal)]);
    },
    close() {
      closed.abort();
      current?.line.then((line) => line.close()).catch(() => {});
    },
  };
}

interface Opened {
  readonly over: Session;
  readonly line: Promise<CheckLine>;
  readonly isBroken: () => boolean;
}

function opened(over: Session, options: CheckLineOptions, signal: AbortSignal): Opened {
  let line: CheckLine | undefined;
  let hasFailed = false;
  const opening = openCheckLine(over, options, signal).then(
    (open) => {
      line = open;
      return open;
    },
    (error: unknown) => {
      hasFailed = true;
      throw error;
    },
  );
  opening.catch(() => {}); // whoever tries is told
  return { over, line: opening, isBroken: () => hasFailed || line?.isOpen === false };
}

async function firing(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  throw signal.reason;
}
