import type { TransactionStanding, TransactionState } from '../host/transaction.ts';
import { type LastSaid, ownCourse, soonestBackMs, type Terms } from './own-course.ts';
import type { Narration } from './stage.ts';

/** Whether a host can be reached while its transaction goes on, and what is said where it cannot. */
export interface Reach {
  /** A transaction is begun now, with this goal. */
  begun(terms: Pick<Terms, 'goal' | 'trial'>): void;
  /** Takes what the host says of its transaction. */
  heard(standing: Pick<TransactionStanding, 'state' | 'secondsLeft'>): void;
  /** All connections are gone. Says so, and what the host does now, unless it was said before. */
  lost(): void;
  /** A connection stands, but none can be made anew, for this reason. Says so, and what the host does now, once. */
  unproven(reason: string): void;
  /** A new connection was made. */
  again(): void;
  /** How soon the host can have put itself back, from now on; nothing where it does not change by itself. */
  soonestBackMs(): number | undefined;
}

/** `known`: what the transaction was begun with, where that is known. Until the first word of one, the host builds. */
export function reachOf(narration: Narration, known: Terms | undefined): Reach {
  let terms = known;
  let said: LastSaid = { state: 'building' };
  let saidAt = Date.now();
  let out: { readonly contact: 'lost' | 'unproven'; readonly since: number } | undefined;

  const tell = (contact: 'lost' | 'unproven', reason: string): void => {
    if (out?.contact === contact) return;
    out = { contact, since: out?.since ?? Date.now() };
    const { withinMs, ...course } = ownCourse(said, terms);
    const by = withinMs === undefined ? null : new Date(saidAt + withinMs).toISOString();
    narration.outOfReach({ contact, reason, ...course, by });
  };
  return {
    begun({ goal, trial }) {
      if (terms !== undefined) terms = { ...terms, goal, trial };
      said = {};
      saidAt = Date.now();
    },
    heard({ state, secondsLeft }) {
      said = { ...(state === undefined ? {} : { state }), ...(secondsLeft === undefined ? {} : { secondsLeft }) };
      // Not of the monotonic clock: that one stands still while this machine sleeps, and the host does not.
      saidAt = Date.now();
    },
    lost: () => tell('lost', lastSeen[said.state ?? 'locked']),
    unproven: (reason) => tell('unproven', reason),
    again() {
      if (out === undefined) return;
      narration.reachedAgain({ contact: out.contact, milliseconds: Date.now() - out.since });
      out = undefined;
    },
    soonestBackMs() {
      const soonestMs = soonestBackMs(said, terms);
      return soonestMs === undefined ? undefined : Math.max(0, soonestMs - (Date.now() - saidAt));
    },
  };
}

const lastSeen: Readonly<Record<TransactionState | 'building', string>> = {
  building: 'last seen building',
  locked: 'last seen before its test',
  gating: 'last seen before its test',
  gated: 'last seen waiting at its gate for the other hosts',
  previewing: 'last seen looking at what would be done',
  armed: 'last seen before its test',
  testing: 'last seen testing the new system',
  verifying: 'last seen checking its units',
  waiting: 'last seen waiting to be confirmed',
  promoting: 'last seen making the new system its boot default',
  'rolling-back': 'last seen putting itself back',
  holding: 'last seen unable to put itself back',
  ended: 'last seen at its end',
};
