/** The verbs that exist; `deploy` is meant where none is typed. */
export const verbs = [
  'deploy',
  'plan',
  'check',
  'status',
  'history',
  'attach',
  'rollback',
  'confirm',
  'abort',
  'list',
  'config',
] as const;
export type Verb = (typeof verbs)[number];

export const optionGroups = [
  'What',
  'How hosts are reached',
  'How far',
  'Rolling out',
  'Before a host is touched',
  'Proof and way back',
  'Nix',
  'Time limits',
  'Screen',
] as const;
export type OptionGroup = (typeof optionGroups)[number];

interface Common {
  /** As it is typed, without dashes; the variable and the setting are named after it (option-names.ts). */
  readonly name: string;
  readonly short?: string;
  readonly help: string;
  readonly group: OptionGroup;
  readonly verbs: readonly Verb[];
  /**
   * Where the flake may set it: for all hosts and for each (`host`), or only for all (`run`). Absent: nowhere; it is the
   * person's, or bears on how the flake is read.
   */
  readonly inFlake?: 'host' | 'run';
  /** It chooses the hosts. That is said anew each time: there is no variable and no setting of it. */
  readonly chooses?: 'hosts';
}

/** One option; the table below is where flags, variables, settings, `--help` and the README's table come from. */
export type Option = Common &
  (
    | { readonly kind: 'boolean' }
    /** Given once or more often, as `-vv`; the variable holds the number. */
    | { readonly kind: 'count' }
    /** Answered at once instead of a run; no variable, so that FLURRY_VERSION of a CI job stays its own. */
    | { readonly kind: 'question' }
    | { readonly kind: 'text' | 'duration' | 'integer'; readonly placeholder: string; readonly default?: string }
    | {
        readonly kind: 'word';
        readonly placeholder: string;
        readonly words: readonly string[];
        /** Other spellings that are accepted, and what they mean. */
        readonly synonyms?: Readonly<Record<string, string>>;
        /** Words that a verb does not take. */
        readonly notFor?: Readonly<Partial<Record<Verb, readonly string[]>>>;
        readonly default: string;
      }
    /** May be repeated; the variable holds one value a line. */
    | { readonly kind: 'list'; readonly placeholder: string }
    /** Takes two values and may be repeated; the variable holds one pair a line, name first. */
    | { readonly kind: 'pairs'; readonly placeholder: string }
  );

/** Verbs that go to hosts; the others ask the flake alone. */
export const contacting = [
  'deploy',
  'plan',
  'check',
  'status',
  'history',
  'attach',
  'rollback',
  'confirm',
  'abort',
] as const;
/** A plan of it knows all that it does. */
export const onlyDeploy = ['deploy', 'plan'] as const;
export const onlyRollback = ['rollback'] as const;
export const onlyHistory = ['history'] as const;
/** Verbs that bring nothing of the flake to a host: it only tells them of the hosts. */
export const withoutRelease = ['check', 'status', 'history', 'attach', 'rollback', 'confirm', 'abort'] as const;
/** Verbs that bring another system to a host, as a transaction. */
export const activating = ['deploy', 'plan', 'rollback'] as const;
/** Verbs that look at a host before they judge it. */
export const judging = ['deploy', 'plan', 'check', 'rollback'] as const;
