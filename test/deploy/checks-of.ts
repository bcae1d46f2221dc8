import type { FlurryEnd } from './run-flurry.ts';

/** How each check of a run ended, by its name: `passed: http 200`. */
export function checksOf({ events }: Pick<FlurryEnd, 'events'>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    events.flatMap((event) =>
      event.event === 'check' && event.state !== 'started' && event.state !== 'trying'
        ? [[event.check, `${event.state}: ${event.seen}`]]
        : [],
    ),
  );
}
