import type { Event } from '../core/event.ts';
import type { Board } from './board.ts';
import type { Verbosity } from './lines.ts';
import type { Look } from './look.ts';
import type { Output, Sink } from './output.ts';
import { widthOf } from './width.ts';

/** What shows a run while it goes on. */
export interface Progress {
  /** Called after the board has heard the event. */
  listen(event: Event): void;
  /** Ends the display; nothing is shown after it. */
  close(): Promise<void>;
}

export interface ProgressOptions {
  readonly board: Board;
  readonly look: Look;
  readonly output: Output;
  readonly sink: Sink;
  readonly verbosity: Verbosity;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly every: Every;
}

/** Calls back again and again until the returned function is called; keeps no process alive. */
export type Every = (milliseconds: number, callback: () => void) => () => void;

export const everyInterval: Every = (milliseconds, callback) => {
  const timer = setInterval(callback, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
};

/** Gives how wide the column of the hosts' names is; longer names stick out rather than be cut. */
export function nameColumn(hosts: readonly string[], look: Look): number {
  return Math.min(24, Math.max(0, ...hosts.map((host) => widthOf(look.text(host)))));
}
