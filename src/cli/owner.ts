import { hostname, userInfo } from 'node:os';

/** Says on hosts who is at work: `user@machine` of this coordinator, without blanks. Never throws. */
export function ownerHere(): string {
  return ownerOf({ user: () => userInfo().username, machine: hostname });
}

/** The same of what the system answers, which may be nothing: a container's user need not have a name. */
export function ownerOf(system: { readonly user: () => string; readonly machine: () => string }): string {
  const name = `${answerOf(system.user)}@${answerOf(system.machine)}`;
  return name.replaceAll(/[^A-Za-z0-9._@-]/g, '-').slice(0, 100);
}

function answerOf(ask: () => string): string {
  try {
    return ask() || 'unknown';
  } catch {
    return 'unknown';
  }
}
