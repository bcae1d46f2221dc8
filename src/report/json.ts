import type { Event } from '../core/event.ts';

// JSON.stringify escapes C0 codes and leaves DEL, C1, separators and the marks that turn text around.
const unescaped = /[\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

// In GitHub Actions a program's line that holds this would be a command, wherever it stands.
const command = '##[';

/** Gives an event as one line of NDJSON: the same value for every reader, and harmless on a terminal. */
export function jsonLine(event: Event): string {
  const json = JSON.stringify(event)
    .replace(unescaped, (code) => `\\u${code.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll(command, '#\\u0023[');
  return `${json}\n`;
}
