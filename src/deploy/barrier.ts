/** Where hosts wait for each other, once. */
export interface Barrier {
  /** Each host comes once: `well` or with its name as the one that did not make it. */
  arrive(host: string, how: 'well' | 'badly'): void;
  /** Settles when all have come, with the name of the first that came badly, if any. */
  readonly passed: Promise<string | undefined>;
}

/** Gives a barrier for so many hosts; with `open` nobody waits for anybody. */
export function barrierFor(hosts: number, kind: 'open' | 'closed'): Barrier {
  if (kind === 'open') return { arrive: () => {}, passed: Promise.resolve(undefined) };
  let missing = hosts;
  let first: string | undefined;
  let settle: (first: string | undefined) => void = () => {};
  const passed = new Promise<string | undefined>((resolve) => {
    settle = resolve;
  });
  return {
    arrive(host, how) {
      missing -= 1;
      if (how === 'badly') first ??= host;
      if (missing === 0) settle(first);
    },
    passed,
  };
}
