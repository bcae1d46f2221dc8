/**
 * The password that sudo is given on the hosts of a run, and which of them did not take it: none of those gets it
 * again, over whatever connection, since some hosts lock a user out after a few wrong ones.
 */
export class SudoPassword {
  readonly #text: string;
  readonly #refusedBy = new Set<string>();

  /** `text`: one line, without its end; at most `longestPasswordBytes`. */
  constructor(text: string) {
    this.#text = text;
  }

  /** Gives the line for a host's sudo; nothing where it was refused before. */
  lineFor(host: string): string | undefined {
    return this.#refusedBy.has(host) ? undefined : `${this.#text}\n`;
  }

  refusedBy(host: string): void {
    this.#refusedBy.add(host);
  }
}
