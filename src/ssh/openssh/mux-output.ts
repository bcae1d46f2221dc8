import type { Readable } from 'node:stream';

const blockBytes = 32 * 1024;
const smallBytes = 8 * 1024;

/**
 * Puts what the host sends into a stream at the pace of its reader. What was not read yet is kept in blocks: a host may
 * cut its data into single bytes with other messages between them, and each piece is a view of all that was read from
 * the socket with it.
 */
export class MuxOutput {
  readonly #stream: Readable;
  readonly #blocks: Buffer[] = [];
  /** Of the last block. */
  #usedBytes = 0;
  #keptBytes = 0;
  #ends: 'not-yet' | 'after-these' | 'told' = 'not-yet';

  constructor(stream: Readable) {
    this.#stream = stream;
  }

  get unreadBytes(): number {
    return this.#keptBytes + this.#stream.readableLength;
  }

  give(bytes: Buffer): void {
    if (this.#ends !== 'not-yet') return;
    if (bytes.length >= smallBytes && this.#keptBytes === 0 && this.#wantsMore()) {
      this.#stream.push(bytes);
      return;
    }
    this.#keep(bytes);
    this.#move();
  }

  end(): void {
    if (this.#ends === 'not-yet') this.#ends = 'after-these';
    this.#move();
  }

  /** Call it from `_read`: there the stream wants something, whatever it seems to have, and asks no second time. */
  more(): void {
    if (this.#keptBytes > 0) this.#stream.push(this.#take());
    this.#move();
  }

  #move(): void {
    while (this.#keptBytes > 0 && this.#wantsMore()) this.#stream.push(this.#take());
    if (this.#keptBytes > 0 || this.#ends !== 'after-these') return;
    this.#ends = 'told';
    this.#stream.push(null);
  }

  #wantsMore(): boolean {
    return this.#stream.readableLength < this.#stream.readableHighWaterMark;
  }

  #keep(bytes: Buffer): void {
    this.#keptBytes += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const last = this.#blocks.at(-1);
      if (last === undefined || this.#usedBytes === last.length) {
        this.#blocks.push(Buffer.allocUnsafeSlow(blockBytes));
        this.#usedBytes = 0;
        continue;
      }
      const copied = bytes.copy(last, this.#usedBytes, at);
      this.#usedBytes += copied;
      at += copied;
    }
  }

  #take(): Buffer {
    const [first = Buffer.alloc(0)] = this.#blocks;
    const isLast = this.#blocks.length === 1;
    const bytes = isLast ? first.subarray(0, this.#usedBytes) : first;
    this.#keptBytes -= bytes.length;
    // A block with little in it is used again.
    if (isLast && bytes.length < smallBytes) {
      this.#usedBytes = 0;
      return Buffer.from(bytes);
    }
    this.#blocks.shift();
    return bytes;
  }
}
