import type { Emit, EventBody } from '../core/event.ts';
import type { Forecast } from '../core/forecast.ts';
import type { Phase } from '../core/phase.ts';

/** What is said about one host while it is worked on. */
export interface Narration {
  /** Runs one phase: says when it begins and ends, and takes the time. */
  stage<T>(phase: Phase, work: () => Promise<T>): Promise<T>;
  /** A line that a program printed, of the phase that runs unless told. */
  log(line: string, phase?: Phase): void;
  copying(what: Told<'copying'>): void;
  note(message: string, level?: 'info' | 'warning'): void;
  check(what: Told<'check'>): void;
  plan(forecast: Forecast): void;
  outOfReach(what: Told<'out-of-reach'>): void;
  reachedAgain(what: Told<'reached-again'>): void;
  /** The last lines that were logged in a phase, for an error's account of itself. */
  tail(phase: Phase): string;
}

/** An event without what the narrator adds to it. */
type Told<E extends EventBody['event']> = Omit<Extract<EventBody, { readonly event: E }>, 'event' | 'host' | 'phase'>;

/** Thrown where the person leaves what goes on, as the reason of a signal: the phase has not ended by that. */
export class Left extends Error {
  override readonly name = 'Left';
}

const tailLines = 20;
const tailLineLength = 500;

/** Gives the one narrator of a host. */
export function narrate(host: string, emit: Emit): Narration {
  let current: Phase = 'connect';
  const recent = new Map<Phase, readonly string[]>();
  return {
    async stage(phase, work) {
      const startedAt = performance.now();
      const ended = (outcome: 'ok' | 'failed'): void =>
        emit({ event: 'phase-ended', host, phase, outcome, milliseconds: Math.round(performance.now() - startedAt) });
      current = phase;
      emit({ event: 'phase-started', host, phase });
      try {
        const result = await work();
        ended('ok');
        return result;
      } catch (error) {
        if (!(error instanceof Left)) ended('failed');
        throw error;
      }
    },
    log(line, phase = current) {
      recent.set(phase, [...(recent.get(phase) ?? []).slice(1 - tailLines), line.slice(0, tailLineLength)]);
      emit({ event: 'log', host, phase, line });
    },
    copying: (what) => emit({ event: 'copying', host, phase: 'copy', ...what }),
    note: (message, level = 'info') => emit({ event: 'note', host, phase: current, level, message }),
    check: (what) => emit({ event: 'check', host, phase: current, ...what }),
    plan: (forecast) => emit({ event: 'plan', host, ...forecast }),
    outOfReach: (what) => emit({ event: 'out-of-reach', host, phase: current, ...what }),
    reachedAgain: (what) => emit({ event: 'reached-again', host, phase: current, ...what }),
    tail: (phase) => (recent.get(phase) ?? []).join('\n'),
  };
}
