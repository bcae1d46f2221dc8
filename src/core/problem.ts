import type { CheckKind } from './check.ts';
import type { Elevation } from './ports.ts';

/**
 * What can go wrong, as facts. The words that people read are in explain.ts, one entry for each code; adapters throw
 * facts only. Text fields named `said` or `tail` are what a program printed: untrusted, shown, never judged by.
 */
export interface ProblemFacts {
  // Usage and configuration: exit 2, no host touched.
  'bad-argument': {
    readonly argument: string;
    readonly expected: string;
    readonly found: string;
    /** `found` is told in words, or as Nix writes it, and needs no quotes: so a number is told from a text. */
    readonly notation?: 'nix';
    readonly next?: string;
  };
  'bad-arguments': { readonly problems: readonly Problem<'bad-argument'>[] };
  'not-a-verb': { readonly word: string; readonly suggestion: string };
  'no-nix': { readonly looked: string };
  'no-flake': { readonly reference: string; readonly said: string };
  'no-lock': { readonly reference: string; readonly inputs: readonly string[] };
  'flake-failed': { readonly reference: string; readonly said: string; readonly output?: 'flurry' };
  'no-configurations': { readonly reference: string };
  'no-such-configuration': { readonly named: string; readonly existing: readonly string[] };
  'ssh-config': { readonly said: string };
  /** With --build-on=local. `here`: the platforms for which this machine can build, or have built. */
  'cannot-build-here': {
    readonly configurations: readonly { readonly name: string; readonly platform: string }[];
    readonly here: readonly string[];
  };

  // Reaching a host.
  'unknown-address': { readonly address: string };
  'connection-refused': { readonly address: string; readonly port: number };
  'no-route': { readonly address: string; readonly port: number; readonly said: string };
  'connect-timeout': {
    readonly address: string;
    readonly port: number;
    readonly afterMs: number;
    readonly tries: number;
  };
  'handshake-failed': { readonly said: string };
  'host-key-unknown': { readonly name: string; readonly fingerprint: string; readonly files: readonly string[] };
  'host-key-changed': {
    readonly name: string;
    readonly fingerprint: string;
    readonly file: string;
    readonly line: number;
  };
  'host-key-revoked': {
    readonly name: string;
    readonly fingerprint: string;
    readonly file: string;
    readonly line: number;
  };
  /** `shown` and each of `pinned` are a key type and a fingerprint. */
  'host-key-not-pinned': { readonly name: string; readonly shown: string; readonly pinned: readonly string[] };
  'host-key-unchecked': { readonly name: string; readonly said: string };
  'key-unusable': { readonly file: string; readonly said: string };
  /** `unasked`: why nobody was asked for a password or code, which the host would take. */
  'authentication-failed': {
    readonly user: string;
    readonly tried: readonly string[];
    readonly unasked?: 'no-terminal' | 'batch-mode';
  };
  'ssh-unsupported': { readonly option: string; readonly value: string };
  /** ProxyJump comes back to a host that it has passed; the hosts in the order in which they were asked for. */
  'jump-loop': { readonly hosts: readonly string[] };
  /** The jump host is there, but makes no connection to the host. */
  'jump-refused': {
    readonly jumpHost: string;
    readonly address: string;
    readonly port: number;
    readonly why: 'forbidden' | 'failed';
    readonly said: string;
  };
  /** `how` it ended. */
  'proxy-command-failed': { readonly command: string; readonly how: string; readonly said: string };
  'no-ssh': Record<never, never>;
  'connection-lost': { readonly said: string };
  'forward-refused': { readonly path: string; readonly said: string };
  stopped: { readonly unreachable: string };

  // Hosts that were not started, for others' sake.
  /** `failed` hosts of the `started` ones, by the end of the wave `after`, were more than are `allowed`. */
  'wave-stopped': {
    readonly after: number;
    readonly of: number;
    readonly failed: readonly string[];
    readonly started: number;
    readonly allowed: string;
  };
  /** `on`: what the host depends on. */
  'dependency-failed': { readonly on: string; readonly ended: 'failed' | 'left-out' | 'not-started' };

  // Talking to a host.
  'bad-answer': { readonly question: string; readonly expected: string; readonly found: string };
  'answer-too-long': { readonly question: string; readonly limitBytes: number };
  'answer-timeout': { readonly question: string; readonly afterMs: number };
  'host-script-failed': { readonly question: string; readonly exitCode: number; readonly tail: string };

  // Judged before anything is copied.
  'not-nixos': { readonly found: string };
  'no-nix-on-host': Record<never, never>;
  /**
   * What is lacking: `way`, none may be used (elevation `none`); `program`, it is not there; `permission`, it says no where
   * it may not ask for a password; `denied`, it says no whatever the password; `password`, that was not the right one.
   */
  'no-privilege': {
    readonly user: string;
    readonly elevation: Elevation;
    readonly lack: 'way' | 'program' | 'permission' | 'denied' | 'password';
    readonly said: string;
  };
  'not-running': { readonly state: string };
  degraded: { readonly failedUnits: readonly string[] };
  'wrong-host': { readonly hostname: string; readonly configuration: string };
  /** Its /etc/machine-id: what the flake pins, and what it holds. */
  'wrong-machine': { readonly expected: string; readonly found: string };
  /** What runs is `commits` ahead of what is to be deployed, or of the commit on which a dirty tree is based. */
  'would-downgrade': {
    readonly newer: string;
    readonly older: string;
    readonly tree: 'clean' | 'dirty';
    readonly commits: number;
    readonly by: string;
    readonly at: string;
    readonly repository: string;
  };
  'no-configuration-for-host': { readonly hostname: string; readonly existing: readonly string[] };
  'wrong-architecture': { readonly host: string; readonly configuration: string };
  'disk-full': { readonly path: '/nix' | '/boot'; readonly freeBytes: number; readonly neededBytes: number };
  'switch-under-way': { readonly what: string };

  // Where a rollback cannot go; `generations` are the numbers of those that the host has.
  'nothing-to-roll-back-to': { readonly generations: readonly number[] };
  /** The last promoted deployment brought `expected`. */
  'not-what-was-promoted': {
    readonly id: string;
    readonly expected: string;
    readonly found: string;
    readonly generations: readonly number[];
  };
  'no-such-generation': { readonly number: number; readonly generations: readonly number[] };
  /** `known`: revisions that were deployed to the host, the newest first. */
  'no-such-revision': { readonly rev: string; readonly known: readonly string[] };
  'ambiguous-revision': { readonly rev: string; readonly matching: readonly string[] };
  'system-gone': { readonly toplevel: string; readonly generations: readonly number[] };

  // Copy, build, gate.
  /** `what`: the flake's source and inputs, unless it is a built system. */
  'copy-failed': { readonly tail: string; readonly what?: 'closure' };
  /** The host's Nix takes no path that was built elsewhere from whoever copied it. */
  'signature-refused': { readonly tail: string };
  'copy-stalled': { readonly afterMs: number };
  /** `on`: the host, unless it was built here. `evaluated`: no, where it cannot be evaluated from what the host has. */
  'build-failed': {
    readonly exitCode: number;
    readonly tail: string;
    readonly on?: 'coordinator';
    readonly evaluated?: 'no';
  };
  /** `victim`: Nix itself, which evaluates, or a builder. `on`: as above. */
  'build-killed': {
    readonly outOfMemory: 'yes' | 'likely';
    readonly memoryBytes: number;
    readonly victim: 'nix' | 'builder';
    readonly on?: 'coordinator';
  };
  'build-timeout': { readonly afterMs: number };
  'unit-vanished': { readonly unit: string };
  'no-nixos-version': { readonly toplevel: string };
  'no-such-specialisation': { readonly named: string; readonly existing: readonly string[]; readonly toplevel: string };
  'self-check-missing': { readonly path: string };
  'self-check-failed': { readonly path: string; readonly exitCode: number; readonly tail: string };
  'self-check-timeout': { readonly path: string; readonly afterMs: number };
  'pre-switch-check-failed': { readonly exitCode: number; readonly tail: string };
  'preview-failed': { readonly exitCode: number; readonly tail: string };

  // Activation and promotion; the host has put itself back unless the code says otherwise.
  'activation-failed': { readonly exitCode: number; readonly tail: string };
  'activation-timeout': { readonly afterMs: number };
  'units-failed': { readonly units: readonly string[] };
  'reboot-needed': Record<never, never>;
  /** The running system must not be switched to the new one: these components differ. */
  'switch-inhibited': {
    readonly goal: 'test' | 'promote';
    readonly inhibitors: readonly { readonly key: string; readonly old: string; readonly new: string }[];
  };
  'switch-locked': { readonly afterMs: number };
  locked: { readonly id: string; readonly owner: string; readonly since: string; readonly state: string };
  /** The person has seen what would be done, or what has been done so far, and said no. `wave`: which was not to begin. */
  declined: { readonly wave?: number };
  /** All or nothing: `host` failed first; no name where it is not known. */
  'others-failed': { readonly host: string | null; readonly left: 'untouched' | 'put-back' };
  /** It waited at its gate, and nobody let it go on. */
  'not-released': { readonly decidedBy: string };
  'unit-masked': { readonly unit: string };
  'run-full': { readonly freeBytes: number };
  'arming-failed': { readonly step: string };
  'history-unwritable': Record<never, never>;
  'transaction-died': { readonly state: string };
  'ended-by-shutdown': { readonly boots: string };
  'ended-by-reboot': Record<never, never>;
  /** What was seen last, after so long and so many tries; `others` are checks that were not well either. */
  'check-failed': {
    readonly check: string;
    readonly kind: CheckKind;
    readonly seen: string;
    readonly afterMs: number;
    readonly tries: number;
    readonly others: readonly string[];
    /** `kept`: it runs and boots the new system. */
    readonly left: 'untouched' | 'put-back' | 'kept' | 'looked-at';
  };
  'not-confirmed': { readonly decidedBy: string };
  'promotion-failed': { readonly step: string; readonly tail: string };
  /** `because` is the code of what made the way back necessary; `lost` units ran before and do not now. */
  'rollback-failed': {
    readonly because: string;
    readonly lost: readonly string[];
    readonly afterwards: 'hold' | 'reboot';
  };
  /** The host says that it is back; no new connection can be made. */
  'no-way-in': { readonly because: string; readonly said: string };
  'contact-lost': { readonly state: string; readonly afterMs: number };
  'changed-by-someone-else': { readonly expected: string; readonly found: string };
  'nothing-to-decide': { readonly word: 'confirm' | 'abort' };
  /** `id` is empty where none was asked for; `known`: the last deployments of the host's history, newest first. */
  'nothing-to-join': { readonly id: string; readonly known: readonly string[] };
  'transaction-unknown': { readonly state: string };

  /** `asked`: whether the host could be told to reboot. `trial`: it boots the expected system once, then the old one. */
  'not-back-after-reboot': {
    readonly afterMs: number;
    readonly asked: 'yes' | 'no';
    readonly expected: string;
    readonly trial: 'yes' | 'no';
  };
  'booted-other-system': { readonly expected: string; readonly found: string; readonly trial: 'yes' | 'no' };
  /** The trial boot went well, but nobody came to make it the default: `because` is the code of why. */
  'trial-unpromoted': { readonly because: string; readonly said: string };
  /** Units that failed in the new boot and did not before; `state` is the whole system's. */
  'unwell-after-reboot': {
    readonly units: readonly string[];
    readonly state: string;
    readonly trial: 'yes' | 'no';
  };

  interrupted: { readonly signal: string };
  internal: { readonly said: string };
}

export type ProblemCode = keyof ProblemFacts;
/** `jump`: the jump host at which it was met, on the way to the host. */
export type Problem<C extends ProblemCode = ProblemCode> = {
  [K in C]: { readonly code: K; readonly jump?: string } & ProblemFacts[K];
}[C];

/** The one error that flurry throws on purpose. Anything else that reaches the top is a bug, and told as `internal`. */
export class FlurryError extends Error {
  override readonly name = 'FlurryError';
  readonly problem: Problem;

  constructor(problem: Problem, options?: { readonly cause?: unknown }) {
    super(problem.code, options);
    this.problem = problem;
  }
}

/** Gives the problem that an unknown thrown value stands for. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof FlurryError) return thrown.problem;
  return { code: 'internal', said: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
}
