import { StringDecoder } from 'node:string_decoder';

const lineLimit = 16 * 1024;

/** Splits a stream into lines without their ends. A longer line than 16384 characters is cut there, the rest skipped. */
export async function* linesOf(stream: AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let skipping = false;
  for await (const chunk of stream) {
    const parts = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (!skipping) yield cut(part);
      skipping = false;
    }
    if (skipping) rest = '';
    if (rest.length > lineLimit) {
      yield cut(rest);
      rest = '';
      skipping = true;
    }
  }
  if (rest !== '' && !skipping) yield cut(rest);
}

function cut(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.length > lineLimit ? `${text.slice(0, lineLimit)} …` : text;
}
