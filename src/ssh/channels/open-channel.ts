import { FlurryError } from '../../core/problem.ts';
import type { Lifeline, RemoteChannel } from './remote-channel.ts';

// Behind uploads on a slow link an answer takes 15 s; a host that does not answer at all is found by the watchdog.
const openTimeoutMs = 60_000;

/**
 * Opens a channel. Throws `connection-lost`, the signal's reason, or the error that `start` gave where the host said
 * no. A channel that comes too late is closed.
 */
export function openChannel<C extends RemoteChannel>(
  link: Lifeline,
  signal: AbortSignal,
  start: (given: (error: Error | undefined, channel?: C) => void) => void,
): Promise<C> {
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
        // Comes on every loss as well: whatever is open is answered when the connection closes.
        if (error !== undefined) giveUp(link.isClosed ? link.lostError() : error);
        else if (channel === undefined) giveUp(new Error('no channel was given'));
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

function discard(channel: RemoteChannel): void {
  channel.on('error', () => {});
  channel.resume();
  channel.stderr.resume();
  channel.end();
  channel.close();
}
