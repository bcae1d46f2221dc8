import { setImmediate as nextTurn } from 'node:timers/promises';

/** Lets one in for each turn of the event loop, in the order in which they came: what else there is to do is done between. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  async next(): Promise<void> {
    const turn = this.#last.then(() => nextTurn());
    this.#last = turn;
    await turn;
  }
}
