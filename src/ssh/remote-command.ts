import type { Elevation } from '../core/ports.ts';

/** What sudo is told to print on standard error where it wants a password, and what a shell of root prints first. */
export const sudoPrompt = 'flurry-is-asked-for-the-password';
export const rootGreeting = 'flurry-is-root';

/** The only commands that are ever sent; scripts and their arguments go by standard input. */
const userShell = 'sh';
// None of them may ask: nobody would answer.
const rootShells = {
  none: userShell,
  sudo: 'sudo -n sh',
  doas: 'doas -n sh',
  // Without a terminal run0 hands its own three streams over as they are.
  run0: 'run0 --no-ask-password sh',
} as const satisfies Record<Elevation, string>;
const sudoThatAsks = `sudo -S -p ${sudoPrompt} sh -c 'echo ${rootGreeting}; exec sh'` as const;

export type RemoteCommand = typeof userShell | (typeof rootShells)[Elevation] | typeof sudoThatAsks;

/** Gives the command that starts a shell of whoever logged in. */
export function shellOfUser(): RemoteCommand {
  return userShell;
}

/** Gives the command that starts a shell of root. */
export function shellOfRoot(elevation: Elevation): RemoteCommand {
  return rootShells[elevation];
}

/**
 * Gives the command that starts a shell of root where sudo may ask for a password first: on standard error, by
 * `sudoPrompt`. The shell says `rootGreeting` as its first line; until then sudo may still be reading.
 */
export function shellOfRootWithPassword(): RemoteCommand {
  return sudoThatAsks;
}
