import { fstatSync } from 'node:fs';

/** What the report needs of a stream; process.stdout and process.stderr have it. */
export interface Output {
  write(text: string): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  readonly fd?: number | undefined;
}

/** A stream that may break without harm: a deployment goes on when nobody reads about it any more. */
export interface Sink {
  write(text: string): void;
  /** What broke it, such as EPIPE or ENOSPC; null while it works. */
  broken(): string | null;
}

/** Wraps a stream so that a reader who left (`flurry | head`) or a full disk ends the writing, never the process. */
export function openSink(output: Output): Sink {
  let code: string | null = null;
  // Stays for good: EPIPE may come after the last write.
  output.on('error', (error) => {
    code ??= 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  });
  return {
    write(text) {
      if (code === null && text !== '') output.write(text);
    },
    broken: () => code,
  };
}

/** Tells whether a stream was redirected to a file, as by `2> log`; a pipe is none. */
export function isFile({ fd }: Output): boolean {
  if (fd === undefined) return false;
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}
