import { connect, type Socket } from 'node:net';
import type { Login } from './login.ts';

/** Begins to connect to the host itself; the socket says by its events what came of it. */
export function dial({ settings, timeoutMs }: Login): Socket {
  return connect({
    host: settings.hostname,
    port: settings.port,
    family: settings.addressFamily,
    // Nagle's algorithm makes 47 ms of 3 ms for each command.
    noDelay: true,
    // Node gives an address 250 ms before it turns to the next one for good: too little for a far host.
    autoSelectFamilyAttemptTimeout: Math.max(250, Math.min(2000, Math.floor(timeoutMs / 4))),
    ...(settings.bindAddress === undefined ? {} : { localAddress: settings.bindAddress }),
  });
}
