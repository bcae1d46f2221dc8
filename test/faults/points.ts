import type { ConfigurationName } from './faulty-flake.ts';

export interface Point {
  readonly state: string;
  readonly halt: string;
  readonly configuration: ConfigurationName;
  /** What is typed so that there is such a state. */
  readonly words?: readonly string[];
}

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
  | 'back';

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
};
