import type { FlurryEnd } from './run-flurry.ts';

/** How each host ended, in the order of the run. */
export function endsOf({ events }: Pick<FlurryEnd, 'events'>): readonly string[] {
  const result = events.findLast((event) => event.event === 'result');
  return result?.event === 'result' ? result.hosts.map(({ host, verdict, code }) => `${host} ${verdict} ${code}`) : [];
}

/** What was said of the waves, and when hosts were first contacted and ended. */
export function courseOf({ events }: Pick<FlurryEnd, 'events'>): readonly string[] {
  return events.flatMap((event) => {
    switch (event.event) {
      case 'wave-started':
        return [`wave ${event.wave}: ${event.hosts.join(' ')}`];
      case 'wave-ended':
        return [`wave ${event.wave} is over${event.failed.map((host) => `, ${host} failed`).join('')}`];
      case 'wave-pause':
        return [`pause before wave ${event.wave}: ${event.hosts.join(' ')}`];
      case 'phase-started':
        return event.phase === 'connect' ? [`${event.host} is contacted`] : [];
      case 'verdict':
        return [`${event.host} ${event.verdict}`];
      default:
        return [];
    }
  });
}
