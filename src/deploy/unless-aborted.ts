/** Waits for a promise; throws the reason of the signal where that comes first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener('abort', abort, { once: true });
  return await Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort));
}
