import type { World } from './world.ts';

/** The wish of the person, or of the system, that the run ends. */
export interface Interruption {
  /** Fires at the first SIGINT or SIGTERM; the reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

/**
 * Listens for SIGINT and SIGTERM: the first lets the run end in order, the second leaves at once with exit code 130 and
 * tells `afterwards`: lines that say how to go on.
 */
export function listenForInterruption(
  world: Pick<World, 'stderr' | 'events' | 'leave'>,
  afterwards: readonly string[] = [],
): Interruption {
  const controller = new AbortController();
  const interrupt = (name: string): void => {
    if (controller.signal.aborted) {
      const first = `flurry: ${name} once more: left at once`;
      const [what, ...commands] = afterwards;
      world.stderr.write(['', what === undefined ? first : `${first}; ${what}`, ...commands, ''].join('\n'));
      world.leave(130);
      return;
    }
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
