import type { World } from './world.ts';

/** The wish of the person, or of the system, that the run ends. */
export interface Interruption {
  /** Fires at the first SIGINT or SIGTERM; the reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

/** What is said at a signal. */
export interface InterruptionWords {
  /** Lines that say what goes on without us, and how to come back to it. */
  readonly afterwards: readonly string[];
  /** Whether the first signal leaves already, and says so: there is nothing to be awaited. */
  readonly leaves: 'first' | 'second';
}

/**
 * Listens for SIGINT and SIGTERM: the first lets the run end in order, the second leaves at once with exit code 130. Who
 * leaves is told how to go on.
 */
export function listenForInterruption(
  world: Pick<World, 'stderr' | 'events' | 'leave'>,
  { afterwards, leaves }: InterruptionWords = { afterwards: [], leaves: 'second' },
): Interruption {
  const controller = new AbortController();
  const interrupt = (name: string): void => {
    const left = (words: string): void => {
      const [what, ...commands] = afterwards;
      world.stderr.write(['', what === undefined ? words : `${words}; ${what}`, ...commands, ''].join('\n'));
    };
    if (controller.signal.aborted) {
      left(`flurry: ${name} once more: left at once`);
      world.leave(130);
      return;
    }
    if (leaves === 'first') left(`flurry: ${name}: left`);
    else
      world.stderr.write(
        `\nflurry: ${name}: nothing new is started, the hosts' verdicts are awaited; once more leaves at once\n`,
      );
    controller.abort(name);
  };
  const listeners = [
    ['SIGINT', () => interrupt('SIGINT')],
    ['SIGTERM', () => interrupt('SIGTERM')],
  ] as const;
  for (const [name, listener] of listeners) world.events.on(name, listener);
  return {
    signal: controller.signal,
    release: () => {
      for (const [name, listener] of listeners) world.events.off(name, listener);
    },
  };
}
