import type { ClientCallback, ClientChannel } from 'ssh2';
import { FlurryError } from '../core/problem.ts';
import type { Link } from './link.ts';

// Behind uploads on a slow link an answer takes 15 s; a host that does not answer at all is found by the watchdog.
const openTimeoutMs = 60_000;

/**
 * Opens a channel. Throws `connection-lost`, the signal's reason, or ssh2's own error where the host said no.
 * A channel that comes too late is closed.
 */
export function openChannel(
  link: Link,
  signal: AbortSignal,
  start: (given: ClientCallback) => void,
): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    let waiting = true;
    const timer = setTimeout(() => {
      const said = `the host has not opened a channel for ${openTimeoutMs / 1000} s`;
      giveUp(new FlurryError({ code: 'connection-lost', said }));
    }, openTimeoutMs);
    const stopWaiting = () => {
      waiting = false;
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    };
    const giveUp = (error: unknown) => {
      if (!waiting) return;
      stopWaiting();
      reject(error);
    };
    const aborted = () => giveUp(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    if (!waiting) return;
    try {
      start((error, channel) => {
        // Comes on every loss as well: ssh2 answers whatever is open when its socket closes.
        if (error !== undefined) giveUp(link.isClosed ? link.lostError() : error);
        else if (!waiting) discard(channel);
        else {
          stopWaiting();
          resolve(channel);
        }
      });
    } catch (error) {
      // ssh2 throws "Not connected" from the call itself.
      const said = error instanceof Error ? error.message : String(error);
      giveUp(link.isClosed ? link.lostError() : new FlurryError({ code: 'connection-lost', said }, { cause: error }));
    }
  });
}

function discard(channel: ClientChannel): void {
  channel.on('error', () => {});
  channel.resume();
  channel.stderr.resume();
  channel.end();
  channel.close();
}
