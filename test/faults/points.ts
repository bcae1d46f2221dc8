import type { ConfigurationName } from './faulty-flake.ts';

export interface Point {
  readonly state: string;
  readonly halt: string;
  readonly configuration: ConfigurationName;
  /** What is typed so that there is such a state. */
  readonly words?: readonly string[];
  /** What is deployed first, where the base system will not do as the old one. */
  readonly from?: ConfigurationName;
  /** It is halted in the boot that its reboot begins, which takes every wish in /run along. */
  readonly behindReboot?: true;
}

/** A trial boot. The old system's own programs prepare it, so that has to be one that can be halted. */
const trial = { state: 'promoting', configuration: 'trial', from: 'sound', words: ['--reboot', 'if-needed'] } as const;

/**
 * Where a transaction is halted while a fault is done to it: behind (or before) the write of a state, or in the middle
 * of a step. `sound` systems are promoted where nothing is wrong; the way back is met with one that fails.
 */
export const points = {
  locked: { state: 'locked', halt: 'after-locked', configuration: 'sound' },
  gating: { state: 'gating', halt: 'after-gating', configuration: 'sound' },
  /** It waited at its gate; the coordinator has released it, and the transaction has not seen that yet. */
  gated: { state: 'gated', halt: 'after-gated', configuration: 'sound', words: ['--all-or-nothing'] },
  /** Gated, and all of the way back is there, but for the word that says so. */
  arming: { state: 'gating', halt: 'before-armed', configuration: 'sound' },
  armed: { state: 'armed', halt: 'after-armed', configuration: 'sound' },
  testing: { state: 'testing', halt: 'after-testing', configuration: 'sound' },
  /** In the middle of the activation. */
  activating: { state: 'testing', halt: 'activating', configuration: 'sound' },
  tested: { state: 'testing', halt: 'before-verifying', configuration: 'sound' },
  verifying: { state: 'verifying', halt: 'after-verifying', configuration: 'sound' },
  verified: { state: 'verifying', halt: 'before-waiting', configuration: 'sound' },
  /** Nobody has confirmed: new connections are refused until the fault is done. */
  waiting: { state: 'waiting', halt: 'after-waiting', configuration: 'sound' },
  /** The coordinator's word has won, and the transaction has not seen it yet. */
  confirmed: { state: 'waiting', halt: 'after-waiting', configuration: 'sound' },
  promoting: { state: 'promoting', halt: 'after-promoting', configuration: 'sound' },
  /** The profile is set, the boot loader not yet. */
  loading: { state: 'promoting', halt: 'loading', configuration: 'sound' },
  /** The boot loader is written as well, the verdict not yet. */
  loaded: { state: 'promoting', halt: 'loaded', configuration: 'sound' },
  ending: { state: 'promoting', halt: 'before-ended', configuration: 'sound' },
  'rolling-back': { state: 'rolling-back', halt: 'after-rolling-back', configuration: 'failing' },
  /** In the middle of the way back: the new system's units are being stopped. */
  'going-back': { state: 'rolling-back', halt: 'going-back', configuration: 'failing' },
  /** The way back is done and its verdict written, but for the state. */
  returned: { state: 'rolling-back', halt: 'before-ended', configuration: 'failing' },
  /** The new system has its generation, the profile is the old one again; the boot entries are not written yet. */
  staging: { ...trial, halt: 'loading' },
  /** The new system is booted once, by a reboot that nobody has asked for yet; the verdict is not written yet. */
  staged: { ...trial, halt: 'once' },
  /** The trial boot is over and was well: the second transaction has set the profile, the boot loader not yet. */
  tried: { ...trial, halt: 'loading', behindReboot: true },
} as const satisfies Readonly<Record<string, Point>>;

export type PointName = keyof typeof points;

export const pointNames: readonly PointName[] = [
  'locked',
  'gating',
  'gated',
  'arming',
  'armed',
  'testing',
  'activating',
  'tested',
  'verifying',
  'verified',
  'waiting',
  'confirmed',
  'promoting',
  'loading',
  'loaded',
  'ending',
  'rolling-back',
  'going-back',
  'returned',
  'staging',
  'staged',
  'tried',
];

/** How far a transaction is, for what may become of it. */
export type Progress =
  | 'untouched'
  | 'armed'
  | 'changed'
  | 'waiting'
  | 'promised'
  | 'loaded'
  | 'promoted'
  | 'going-back'
  | 'back'
  | 'staging'
  | 'staged'
  | 'tried';

export const progressAt: Readonly<Record<PointName, Progress>> = {
  locked: 'untouched',
  gating: 'untouched',
  gated: 'untouched',
  arming: 'armed',
  armed: 'armed',
  testing: 'changed',
  activating: 'changed',
  tested: 'changed',
  verifying: 'changed',
  verified: 'changed',
  waiting: 'waiting',
  confirmed: 'promised',
  promoting: 'promised',
  loading: 'promised',
  loaded: 'loaded',
  ending: 'promoted',
  'rolling-back': 'going-back',
  'going-back': 'going-back',
  returned: 'back',
  staging: 'staging',
  staged: 'staged',
  tried: 'tried',
};
