const lookEveryMs = 1000;
const leastSleepMs = 10_000;

/**
 * Calls back when this machine, or this process, has slept: far more time has gone by than its timers were to take.
 * Gives what ends the watch. A clock that somebody sets looks the same, so what is done then must bear that.
 */
export function onWake(callback: () => void, clock: () => number = Date.now): () => void {
  let seen = clock();
  const timer = setInterval(() => {
    const before = seen;
    seen = clock();
    if (seen - before > lookEveryMs + leastSleepMs) callback();
  }, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
