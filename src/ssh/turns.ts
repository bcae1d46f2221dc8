import { setImmediate as nextTurn } from 'node:timers/promises';

// What took longer has more to do than it can do at once; but it may be busy for good.
const busyMs = 20;
const mostTurns = 10;

/** Lets one in for each turn of the event loop, in the order in which they came, and none while turns take long. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  async next(): Promise<void> {
    const turn = this.#last.then(quietTurn);
    this.#last = turn;
    await turn;
  }
}

async function quietTurn(): Promise<void> {
  for (let turns = 0; turns < mostTurns; turns += 1) {
    const startedAt = performance.now();
    await nextTurn();
    if (performance.now() - startedAt < busyMs) return;
  }
}
