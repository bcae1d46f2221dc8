import { channel } from 'node:diagnostics_channel';
import { redacted } from '../core/redacted.ts';
import { shellLine } from '../core/shell-quote.ts';
import { printable } from '../core/untrusted.ts';

// Programs are run deep below, and only who looks for a fault wants to know: Node's own channel for that.
const programs = channel('flurry:program');

/** Says that a program is run. */
export function programRuns(name: string, words: readonly string[]): void {
  if (programs.hasSubscribers) programs.publish([name, ...words]);
}

/** Calls back with the argv of each program that is run, until the returned function is called. Secrets may be in it. */
export function watchPrograms(told: (argv: readonly string[]) => void): () => void {
  const listener = (message: unknown): void => {
    if (Array.isArray(message)) told(message.map(String));
  };
  programs.subscribe(listener);
  return () => void programs.unsubscribe(listener);
}

/** Gives an argv as one line, without what may be a secret. */
export function programLine(argv: readonly string[]): string {
  return printable(`runs ${shellLine(redacted(argv))}`);
}
