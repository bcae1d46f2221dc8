import type { Shell } from '../core/ports.ts';

/** The only commands that are ever sent; scripts and their arguments go by standard input. */
const commands = { user: 'sh', root: 'sudo -n sh' } as const satisfies Record<Shell, string>;

export type RemoteCommand = (typeof commands)[Shell];

/** Gives the command that starts a shell. */
export function remoteCommand(shell: Shell): RemoteCommand {
  return commands[shell];
}
