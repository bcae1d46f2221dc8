import type { Client } from 'ssh2';
import { FlurryError } from '../../core/problem.ts';
import type { Carrier } from './carrier.ts';

/**
 * An ssh2 client and its socket, watched from the first moment, so that no error event is ever without a listener and
 * no end is missed. One listener on each emitter; everybody else asks here.
 */
export class Link {
  readonly client: Client;
  readonly socket: Carrier;
  readonly #errors: Error[] = [];
  readonly #onClosed = new Set<() => void>();
  #closed = false;

  constructor(client: Client, socket: Carrier) {
    this.client = client;
    this.socket = socket;
    client.on('error', (error) => this.#errors.push(error));
    socket.on('error', (error) => this.#errors.push(error));
    // Ours comes before ssh2's own listener: whoever asks learns of the loss before ssh2 lets its channels end as if
    // their programs had closed them.
    socket.once('close', () => {
      this.#closed = true;
      for (const listener of [...this.#onClosed]) listener();
      this.#onClosed.clear();
    });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** All errors so far, the first one first: ssh2 may emit none or several for one end. */
  get errors(): readonly Error[] {
    return this.#errors;
  }

  /** Calls once, at once where the link is closed already; gives the function that takes the listener back. */
  onClosed(listener: () => void): () => void {
    if (this.#closed) listener();
    else this.#onClosed.add(listener);
    return () => this.#onClosed.delete(listener);
  }

  /** The error for whoever still wants something of a closed link. */
  lostError(): FlurryError {
    const cause = this.#errors[0];
    const said = cause?.message ?? 'the connection was closed';
    return new FlurryError({ code: 'connection-lost', said }, cause === undefined ? {} : { cause });
  }
}
