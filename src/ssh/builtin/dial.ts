import { connect, isIP, Socket } from 'node:net';
import type { Carrier } from './carrier.ts';
import { JumpStream } from './jump-stream.ts';
import type { Login } from './login.ts';
import { ProxyCommand } from './proxy-command.ts';

/** Begins to connect to the host; the carrier says by its events what came of it. */
export function dial({ settings, timeoutMs, jump, environment }: Login): Carrier {
  if (jump !== undefined) return new JumpStream(jump, settings);
  if (settings.via.kind === 'command') return new ProxyCommand(settings.via, environment);
  // To be dialled through a jump host, and dialled without it: that would be another machine.
  if (settings.via.kind === 'jump') throw new Error('a jump host has been left out');
  const { hostname, addressFamily } = settings;
  const family = isIP(hostname);
  if (addressFamily !== 0 && family !== 0 && family !== addressFamily) {
    // As ssh has it. Node takes an address as it stands, whatever family was asked for.
    const error = Object.assign(new Error(`${hostname} is no address of AddressFamily`), { code: 'ENOTFOUND' });
    return new Socket().destroy(error);
  }
  return connect({
    host: hostname,
    port: settings.port,
    family: addressFamily,
    // Nagle's algorithm makes 47 ms of 3 ms for each command.
    noDelay: true,
    // Node gives an address 250 ms before it turns to the next one for good: too little for a far host.
    autoSelectFamilyAttemptTimeout: Math.max(250, Math.min(2000, Math.floor(timeoutMs / 4))),
    ...(settings.bindAddress === undefined ? {} : { localAddress: settings.bindAddress }),
  });
}
