import type { Readable } from 'node:stream';

const longestLine = 4096;

/**
 * Gives each line of a text stream, the last one without its end too. What a line has beyond 4096 characters is left
 * out: a host writes on our terminal what it likes before it knows who we are (a banner), and need not end a line.
 */
export function linesOf(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) onLine(line.slice(0, longestLine));
  });
  stream.once('end', () => {
    if (rest !== '') onLine(rest);
  });
}
