/** The lines of one host that wait to be shown together: the last ones, as many as there is room for. */
export interface HostLog {
  add(line: string): void;
  lines(): readonly string[];
  /** How many lines were left out. */
  leftOut(): number;
}

// All logs of a run take so much at most, but each has room for a page: GitLab cuts off jobs' logs at 4 MB, and with
// them the summary.
const allCharacters = 2 * 1024 * 1024;
const mostCharacters = 256 * 1024;
const leastCharacters = 16 * 1024;

export function createHostLog(numberOfHosts: number): HostLog {
  const room = Math.max(leastCharacters, Math.min(mostCharacters, Math.floor(allCharacters / numberOfHosts)));
  let kept: string[] = [];
  let first = 0;
  let dropped = 0;
  let characters = 0;
  return {
    add(line) {
      kept.push(line);
      characters += line.length + 1;
      for (; characters > room; first++) characters -= (kept[first]?.length ?? 0) + 1;
      // Now and then only, since all the others are moved by it.
      if (first > kept.length / 2) {
        dropped += first;
        kept = kept.slice(first);
        first = 0;
      }
    },
    lines: () => kept.slice(first),
    leftOut: () => dropped + first,
  };
}
