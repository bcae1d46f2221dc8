import { FlurryError } from '../core/problem.ts';
import { unlessAborted } from './unless-aborted.ts';

/** One yes or no of the person for all hosts of a run, asked when it is known of each what would be done to it. */
export interface Consent {
  /** This host would be changed: waits for the answer. Throws declined where it is no, and the signal's reason. */
  given(host: string, signal: AbortSignal): Promise<void>;
  /** This host has ended; it may be said more than once. */
  ended(host: string): void;
}

/** Asks once for these hosts, and only where any of them would be changed. */
export function consentOf(
  hosts: readonly string[],
  ask: (hosts: readonly string[], signal: AbortSignal) => Promise<boolean>,
): Consent {
  const open = new Set(hosts);
  const waiting = new Set<string>();
  const nobody = new AbortController();
  let answered: (answer: boolean) => void = () => {};
  const answer = new Promise<boolean>((resolve) => {
    answered = resolve;
  });
  let asked: 'yes' | 'no' = 'no';
  const look = (): void => {
    if (asked === 'yes' || open.size > 0 || waiting.size === 0) return;
    asked = 'yes';
    const names = hosts.filter((host) => waiting.has(host));
    void ask(names, nobody.signal).then(answered, () => answered(false));
  };
  return {
    async given(host, signal) {
      open.delete(host);
      waiting.add(host);
      look();
      if (!(await unlessAborted(answer, signal))) throw new FlurryError({ code: 'declined' });
    },
    ended(host) {
      open.delete(host);
      waiting.delete(host);
      if (asked === 'yes' && waiting.size === 0) nobody.abort();
      look();
    },
  };
}
