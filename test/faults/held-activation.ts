import type { Event } from '../../src/core/event.ts';

export const heldActivation = `system.activationScripts.held = ''
  setsid sleep 1234 >/dev/null 2>&1 &
  while [ ! -e /tmp/activation-released ]; do sleep 0.1; done
'';`;

export function deploymentOf(events: readonly Event[]): string {
  const started = events.find((event) => event.event === 'run-started');
  return started?.event === 'run-started' ? (started.deployment ?? '') : '';
}
