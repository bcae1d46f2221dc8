import type { ClientChannel } from 'ssh2';

/**
 * Asks the host to send a signal to the channel's program. ssh2's own method does nothing once our side of the channel
 * has been ended, which is the rule here (a script has been sent): then the private one below it is called, as long as
 * it is there. The version of ssh2 is pinned, and a test sees to it that it works.
 */
export function signalRemote(remote: ClientChannel, name: 'TERM' | 'KILL'): void {
  // The host has forgotten a channel that both sides have closed, and sshd ends the connection over a request for it
  // ("unknown channel"). ssh2 answers the host's close at once, but tells it only when the output has been read.
  const state = member(remote.outgoing, 'state');
  if (state !== 'open' && state !== 'eof') return;
  if (remote.writable) {
    remote.signal(name);
    return;
  }
  const protocol = member(member(remote, '_client'), '_protocol');
  const signal = member(protocol, 'signal');
  const id = member(remote.outgoing, 'id');
  if (typeof signal === 'function' && typeof id === 'number') Reflect.apply(signal, protocol, [id, name]);
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
