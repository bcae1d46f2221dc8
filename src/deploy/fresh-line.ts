import type { Session } from '../core/ports.ts';
import { type Decision, decide, type Word } from '../host/transaction.ts';
import type { Waiting } from './confirm.ts';
import type { ActivationRun } from './host.ts';

/** A connection of its own to a host that waits: opened with the first word, and again with the next where it was lost. */
export interface FreshLine {
  /** Words go one after the other. Throws what keeps one from being said. */
  say(word: Word): Promise<Decision>;
  /** Ends what is being said, too. */
  close(): Promise<void>;
}

export function freshLine(
  { plan, ports }: ActivationRun,
  { deployment, facts }: Pick<Waiting, 'deployment' | 'facts'>,
): FreshLine {
  const closed = new AbortController();
  const options = { timeoutMs: plan.limits.connectTimeoutMs, signal: closed.signal };
  let session: Session | undefined;
  let before: Promise<unknown> = Promise.resolve();

  const sayNow = async (word: Word): Promise<Decision> => {
    closed.signal.throwIfAborted();
    session ??= await ports.connect(plan.host, options);
    try {
      return (await decide(session, deployment, facts, word)).decided;
    } catch (error) {
      await hangUp();
      throw error;
    }
  };
  const hangUp = async (): Promise<void> => {
    const broken = session;
    session = undefined;
    await broken?.close();
  };
  return {
    async say(word) {
      const said = before.then(() => sayNow(word));
      before = said.catch(() => {});
      return await said;
    },
    async close() {
      closed.abort();
      await hangUp();
    },
  };
}
