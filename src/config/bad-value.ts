/** Why a text is not what was asked for; whoever knows the flag or variable it came from makes a problem of it. */
export interface BadValue {
  readonly expected: string;
  /** The text itself, untrusted; explain.ts quotes it. */
  readonly found: string;
  /** What to do instead, where that can be told. */
  readonly next?: string;
}
