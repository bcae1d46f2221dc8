export interface Traffic {
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

// Keepalives of an idle SSH connection, and whoever follows a journal on it, move fewer bytes than this meanwhile.
const idleBytes = 4096;

/**
 * Calls `onStall` once when nothing has moved for `timeoutMs`; gives the function that ends the watch. Every byte of
 * the copy itself counts. The connection's traffic counts as well, since a slow line may still be sending what the
 * copy has long handed over, but only where it is more than an idle connection has.
 */
export function watchForStall(options: {
  readonly timeoutMs: number;
  readonly copiedBytes: () => number;
  readonly traffic: () => Traffic;
  readonly onStall: () => void;
}): () => void {
  const { timeoutMs, copiedBytes, traffic, onStall } = options;
  const read = () => ({ copied: copiedBytes(), carried: traffic().receivedBytes + traffic().sentBytes });
  let last = read();
  let lastAt = performance.now();
  const look = (): void => {
    const now = read();
    if (now.copied !== last.copied || now.carried - last.carried > idleBytes) {
      last = now;
      lastAt = performance.now();
    } else if (performance.now() - lastAt >= timeoutMs) {
      clearInterval(timer);
      onStall();
    }
  };
  const timer = setInterval(look, Math.min(1000, Math.max(20, timeoutMs / 10)));
  return () => clearInterval(timer);
}
