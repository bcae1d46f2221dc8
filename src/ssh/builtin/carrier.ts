import { Duplex } from 'node:stream';
import type { Problem } from '../../core/problem.ts';

/** What SSH is spoken over: a TCP connection (a net.Socket is one), a channel through a jump host, a program's pipes. */
export interface Carrier extends Duplex {
  readonly bytesRead: number;
  /** With what still waits to be written: net.Socket counts so. */
  readonly bytesWritten: number;
  /** Ends once all has been written. */
  destroySoon(): void;
  /** Whether it keeps the process alive. */
  ref(): this;
  unref(): this;
}

/** A carrier's own account of why it cannot carry. */
export class CarrierError extends Error {
  override readonly name = 'CarrierError';
  readonly problem: Problem;
  readonly again: 'worth-it' | 'useless';

  constructor(message: string, problem: Problem, again: 'worth-it' | 'useless') {
    super(message);
    this.problem = problem;
    this.again = again;
  }
}

/** A carrier that is no socket. It emits `connect` once it carries; until then nothing may be written. */
export abstract class CarrierStream extends Duplex implements Carrier {
  #received = 0;
  #sent = 0;

  constructor() {
    super({ allowHalfOpen: false });
  }

  get bytesRead(): number {
    return this.#received;
  }

  get bytesWritten(): number {
    return this.#sent + this.writableLength;
  }

  destroySoon(): void {
    this.end(() => this.destroy());
  }

  abstract ref(): this;
  abstract unref(): this;

  /** Takes what came in; gives false where it is to stop for a while. */
  protected receive(chunk: Buffer): boolean {
    this.#received += chunk.length;
    return this.push(chunk);
  }

  protected sent(chunk: Buffer): void {
    this.#sent += chunk.length;
  }
}
