import type { Patience } from '../asking/patience.ts';

// Longer than any agent takes that asks nobody.
const slowMs = 1000;
const longestMs = 120_000;

/** Reads what ssh says, line by line; `end` when it says no more. */
export interface AgentWatch {
  readonly heard: (line: string) => void;
  readonly end: () => void;
}

/** Notices an agent that takes long to sign: its key waits to be touched, or the agent to be answered. */
export function agentWatch({
  note,
  patience,
}: {
  readonly note: (message: string) => void;
  readonly patience: Patience;
}): AgentWatch {
  let over = (): void => {};
  const heard = (line: string): void => {
    over();
    const [, key, print] = /^debug1: Server accepts key: (.*) \S+ (SHA256:\S+)(?: \S+)* agent\r?$/.exec(line) ?? [];
    if (key === undefined) return;
    const signed = new Promise<void>((resolve) => {
      const slow = setTimeout(() => {
        note(`waiting for the agent key ${key} (${print}): touch it, or answer the agent`);
        void patience.whileAsked(() => signed);
      }, slowMs);
      const enough = setTimeout(resolve, longestMs);
      over = () => {
        clearTimeout(slow);
        clearTimeout(enough);
        resolve();
      };
    });
  };
  return { heard, end: () => over() };
}
