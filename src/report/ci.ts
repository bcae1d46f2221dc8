import type { Environment } from './capability.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';

/** A part of a job's log that the CI system folds. */
export interface Section {
  /** Unique in the job; letters, digits and underscores. */
  readonly id: string;
  /** One line without control codes of others; may be painted. */
  readonly title: string;
  readonly shown: 'folded' | 'open';
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
}

/** How a CI system wants its job's log to be written. */
export interface Ci {
  readonly name: 'github' | 'gitlab';
  /** The line with which a section begins, and shows its title. */
  opens(section: Section): string;
  closes(section: Section): string;
  /** Makes whole lines of text fit for this log: none of them is a command to the CI system any more. */
  harmless(text: string): string;
}

/** Gives the CI system in whose job this runs, where it is one whose logs can be folded. Gitea and Forgejo do as GitHub. */
export function ciOf(environment: Environment): Ci | null {
  if (environment['GITHUB_ACTIONS'] === 'true') return github;
  return environment['GITLAB_CI'] === 'true' ? gitlab : null;
}
