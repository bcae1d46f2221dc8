import type { Look } from './look.ts';

/** Lines that wait to be printed above the live area; what comes faster than anybody reads is dropped, and counted. */
export interface Backlog {
  add(line: string): void;
  take(): readonly string[];
}

const mostLines = 200;

export function createBacklog(look: Look): Backlog {
  let lines: string[] = [];
  let dropped = 0;
  return {
    add(line) {
      if (lines.length < mostLines) lines.push(line);
      else dropped++;
    },
    take() {
      const taken =
        dropped > 0 ? [...lines, look.paint.dim(`${look.marks.ellipsis} ${dropped} lines not shown`)] : lines;
      lines = [];
      dropped = 0;
      return taken;
    },
  };
}
