import type { Reader } from './reader.ts';

interface StandIn {
  /** As the pages have it. */
  readonly text: string;
  /** What it is replaced by when the command is run. */
  readonly by: (reader: Reader) => string;
}

/** What the pages say for something of the reader's own. Hosts need none: an ssh configuration knows them by the pages' names. */
export const standIns: readonly StandIn[] = [
  { text: 'github:me/infra', by: ({ flake }) => `git+file://${flake.directory}` },
  { text: 'git+file:///srv/infra?', by: ({ flake }) => `git+file://${flake.directory}?` },
  { text: 'path:/srv/nixpkgs', by: ({ nixpkgs }) => `path:${nixpkgs}` },
  { text: '--to 41', by: () => '--to 1' },
  { text: '--to-rev 1a2b3c4', by: ({ earlierRevision }) => `--to-rev ${earlierRevision().slice(0, 7)}` },
];

/** A command of a page as this reader types it. */
export function asTyped(command: string, reader: Reader): string {
  return standIns.reduce(
    (line, { text, by }) => (line.includes(text) ? line.replaceAll(text, by(reader)) : line),
    command,
  );
}
