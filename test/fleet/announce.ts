/** Tells the person what is done to their machine; stdout is for results only. */
export function announce(text: string): void {
  process.stderr.write(`fleet: ${text}\n`);
}
