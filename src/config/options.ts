import { goals } from '../core/goal.ts';

/** The verbs that exist; `deploy` is meant where none is typed. */
export const verbs = ['deploy', 'check'] as const;
export type Verb = (typeof verbs)[number];

export const optionGroups = ['What', 'How far', 'Before a host is touched', 'Nix', 'Time limits', 'Screen'] as const;
export type OptionGroup = (typeof optionGroups)[number];

interface Common {
  /** As it is typed, without dashes; the variable and the setting are named after it (option-names.ts). */
  readonly name: string;
  readonly short?: string;
  readonly help: string;
  readonly group: OptionGroup;
  readonly verbs: readonly Verb[];
}

/** One option; the table below is where flags, variables, settings, `--help` and the README's table come from. */
export type Option = Common &
  (
    | { readonly kind: 'boolean' }
    /** Answered at once instead of a run; no variable, so that FLURRY_VERSION of a CI job stays its own. */
    | { readonly kind: 'question' }
    | { readonly kind: 'text' | 'duration' | 'integer'; readonly placeholder: string; readonly default?: string }
    | {
        readonly kind: 'word';
        readonly placeholder: string;
        readonly words: readonly string[];
        /** Other spellings that are accepted, and what they mean. */
        readonly synonyms?: Readonly<Record<string, string>>;
        readonly default: string;
      }
    /** May be repeated; the variable holds one value a line. */
    | { readonly kind: 'list'; readonly placeholder: string }
    /** Takes two values and may be repeated; the variable holds one pair a line, name first. */
    | { readonly kind: 'pairs'; readonly placeholder: string }
  );

const onlyDeploy = ['deploy'] as const;
const gates = 'Before a host is touched';

export const options = [
  {
    name: 'flake',
    short: 'f',
    kind: 'text',
    placeholder: 'REF',
    default: '.',
    help: 'the flake to deploy: a path, a branch or revision, github:…, git+ssh:…',
    group: 'What',
    verbs: onlyDeploy,
  },
  {
    name: 'parallel',
    short: 'p',
    kind: 'integer',
    placeholder: 'N',
    default: '10',
    help: 'how many hosts work at the same time',
    group: 'What',
    verbs,
  },
  {
    name: 'unreachable',
    kind: 'word',
    placeholder: 'WHAT',
    words: ['fail', 'skip', 'stop'],
    default: 'fail',
    help: 'a host that cannot be reached: fail (the others go on), skip, or stop all',
    group: 'What',
    verbs: onlyDeploy,
  },
  {
    name: 'ssh-config',
    kind: 'text',
    placeholder: 'FILE',
    help: 'read this instead of ~/.ssh/config, as ssh -F does',
    group: 'What',
    verbs,
  },
  {
    name: 'goal',
    kind: 'word',
    placeholder: 'GOAL',
    words: goals,
    synonyms: { switch: 'promote' },
    default: 'promote',
    help: 'build, dry-activate, test, boot (untested until the next boot) or promote',
    group: 'How far',
    verbs: onlyDeploy,
  },
  {
    name: 'ignore-unit',
    kind: 'list',
    placeholder: 'UNIT',
    help: 'go on although this unit has failed; may be repeated',
    group: gates,
    verbs,
  },
  {
    name: 'allow-degraded',
    kind: 'boolean',
    help: 'go on whichever units have failed',
    group: gates,
    verbs,
  },
  {
    name: 'pre-activate-script',
    kind: 'text',
    placeholder: 'PATH',
    help: 'self-check below the new system; pre-activate-safety-checks is found by itself',
    group: gates,
    verbs: onlyDeploy,
  },
  {
    name: 'override-input',
    kind: 'pairs',
    placeholder: 'INPUT REF',
    help: 'take another flake for an input; may be repeated',
    group: 'Nix',
    verbs: onlyDeploy,
  },
  {
    name: 'option',
    kind: 'pairs',
    placeholder: 'NAME VALUE',
    help: 'set a Nix option; may be repeated',
    group: 'Nix',
    verbs: onlyDeploy,
  },
  {
    name: 'impure',
    kind: 'boolean',
    help: 'evaluate impurely',
    group: 'Nix',
    verbs: onlyDeploy,
  },
  {
    name: 'accept-flake-config',
    kind: 'boolean',
    help: "accept the flake's nixConfig",
    group: 'Nix',
    verbs: onlyDeploy,
  },
  {
    name: 'show-trace',
    kind: 'boolean',
    help: 'show where an evaluation error comes from',
    group: 'Nix',
    verbs: onlyDeploy,
  },
  {
    name: 'connect-timeout',
    kind: 'duration',
    placeholder: 'TIME',
    default: '15s',
    help: 'one try to connect, of three',
    group: 'Time limits',
    verbs,
  },
  {
    name: 'starting-timeout',
    kind: 'duration',
    placeholder: 'TIME',
    default: '2m',
    help: 'a host may still be starting when it is met',
    group: 'Time limits',
    verbs,
  },
  {
    name: 'answer-timeout',
    kind: 'duration',
    placeholder: 'TIME',
    default: '30s',
    help: 'one question to a host',
    group: 'Time limits',
    verbs,
  },
  {
    name: 'copy-stall-timeout',
    kind: 'duration',
    placeholder: 'TIME',
    default: '120s',
    help: 'no byte while copying; not a total',
    group: 'Time limits',
    verbs: onlyDeploy,
  },
  {
    name: 'build-timeout',
    kind: 'duration',
    placeholder: 'TIME',
    default: '3h',
    help: 'the build',
    group: 'Time limits',
    verbs: onlyDeploy,
  },
  {
    name: 'self-check-timeout',
    kind: 'duration',
    placeholder: 'TIME',
    default: '60s',
    help: 'the self-check',
    group: 'Time limits',
    verbs: onlyDeploy,
  },
  {
    name: 'activation-timeout',
    kind: 'duration',
    placeholder: 'TIME',
    default: '10m',
    help: 'the activation',
    group: 'Time limits',
    verbs: onlyDeploy,
  },
  {
    name: 'settle',
    kind: 'duration',
    placeholder: 'TIME',
    default: '5s',
    help: 'units may settle after the activation before they are judged',
    group: 'Time limits',
    verbs: onlyDeploy,
  },
  {
    name: 'confirm-timeout',
    kind: 'duration',
    placeholder: 'TIME',
    default: '60s',
    help: 'a tested system waits to be confirmed',
    group: 'Time limits',
    verbs: onlyDeploy,
  },
  {
    name: 'rollback-timeout',
    kind: 'duration',
    placeholder: 'TIME',
    default: '5m',
    help: 'the rollback',
    group: 'Time limits',
    verbs: onlyDeploy,
  },
  {
    name: 'output',
    short: 'o',
    kind: 'word',
    placeholder: 'FORM',
    words: ['auto', 'tree', 'lines', 'json'],
    default: 'auto',
    help: 'tree on a terminal, lines elsewhere, or json: one event a line',
    group: 'Screen',
    verbs,
  },
  {
    name: 'verbose',
    short: 'v',
    kind: 'boolean',
    help: 'every line that the hosts log',
    group: 'Screen',
    verbs,
  },
  {
    name: 'quiet',
    short: 'q',
    kind: 'boolean',
    help: 'only problems and the table at the end',
    group: 'Screen',
    verbs,
  },
  {
    name: 'version',
    kind: 'question',
    help: 'print the version',
    group: 'Screen',
    verbs,
  },
  {
    name: 'help',
    short: 'h',
    kind: 'question',
    help: 'this text; after a verb, more about it',
    group: 'Screen',
    verbs,
  },
] as const satisfies readonly Option[];

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;
type Settable<Row> = Row extends { readonly kind: 'question' } ? never : Row;
/** Names of all settings in camel case, by the name law: a setting without a schema does not compile. */
export type SettingName = CamelCase<Settable<(typeof options)[number]>['name']>;
