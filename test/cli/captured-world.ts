import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { World } from '../../src/cli/world.ts';

export interface CapturedWorld {
  readonly world: World;
  readonly events: EventEmitter;
  stdout(): string;
  stderr(): string;
  /** Exit codes with which the program left at once. */
  readonly left: readonly number[];
}

/** A world whose outputs are kept and whose signals a test sends. */
export function capturedWorld(environment: Readonly<Record<string, string>> = {}): CapturedWorld {
  const events = new EventEmitter();
  const left: number[] = [];
  const [stdout, stderr] = [capturedOutput(), capturedOutput()];
  const world = {
    stdin: new PassThrough(),
    stdout: stdout.output,
    stderr: stderr.output,
    environment,
    events,
    leave: (code: number) => void left.push(code),
  };
  return { world, events, stdout: stdout.text, stderr: stderr.text, left };
}

function capturedOutput() {
  const chunks: string[] = [];
  const output = {
    write: (text: string): boolean => chunks.push(text) > 0,
    on: () => undefined,
    off: () => undefined,
  };
  return { output, text: () => chunks.join('') };
}
