import { setTimeout as delay } from 'node:timers/promises';
import type { Emit, HostResult } from '../core/event.ts';
import { FlurryError, type Problem } from '../core/problem.ts';
import { isFailure, nextIn, type Rollout, type Standing } from '../core/rollout.ts';
import { isWell, type Verdict } from '../core/verdict.ts';
import { isUnreachable } from './outcome.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What a person is asked between two waves: whether these hosts are to start, who knows how others ended. */
export interface WaveQuestion {
  readonly wave: number;
  readonly of: number;
  readonly hosts: readonly string[];
  readonly ended: readonly { readonly host: string; readonly verdict: Verdict }[];
}

export interface PacePorts {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly askToGoOn: (question: WaveQuestion, signal: AbortSignal) => Promise<boolean>;
}

/** When each host of a run starts. What is decided is `nextIn`'s; here it is waited for. */
export interface Pace {
  /** The host has been connected to. Waits until all have, where all must be; throws `stopped` where one could not. */
  reached(host: string): Promise<void>;
  /** The host could not be connected to, where all must be. */
  unreached(host: string): void;
  /** Waits until it is the host's turn. Throws why it does not start any more, and the signal's reason. */
  turn(host: string, signal: AbortSignal): Promise<void>;
  ended(host: string, result: Pick<HostResult, 'verdict' | 'code'>): void;
}

/** Gives the pace of a run. Its first wave begins when a host first asks for its turn. Says so where waves were asked for. */
export function paceOf(rollout: Rollout, { emit, signal, askToGoOn }: PacePorts): Pace {
  const { waves, pause } = rollout;
  const places = new Map<string, Place>(
    waves
      .flat()
      .map((host) => [host, { standing: rollout.unreachable === 'stop' ? 'dialling' : 'waiting', turn: gateOf() }]),
  );
  const allReached = gateOf();
  let state: 'not-begun' | 'under-way' | 'pausing' = 'not-begun';
  let current: number | 'over' = 0;

  const standings = () => new Map([...places].map(([host, { standing }]) => [host, standing]));
  const inWave = (wave: number, standing: (one: Standing) => boolean): readonly string[] =>
    (waves[wave - 1] ?? []).filter((host) => standing(places.get(host)?.standing ?? 'waiting'));
  const tell: Emit = (event) => {
    if (rollout.kind === 'waves') emit(event);
  };
  const move = (host: string, standing: Standing): void => {
    const place = places.get(host);
    if (place !== undefined) place.standing = standing;
  };
  const skip = (host: string, problem: Problem): void => {
    move(host, 'skipped');
    places.get(host)?.turn.refuse(problem);
  };

  const begin = (wave: number): void => {
    state = 'under-way';
    tell({ event: 'wave-started', wave, hosts: inWave(wave, isWaiting) });
    look();
  };
  const ask = async (wave: number, hosts: readonly string[]): Promise<boolean> => {
    const ended = [...places].flatMap(([host, { verdict }]) => (verdict === undefined ? [] : [{ host, verdict }]));
    return await askToGoOn({ wave, of: waves.length, hosts, ended }, signal).catch(() => false);
  };
  const pauseBefore = async (wave: number): Promise<void> => {
    state = 'pausing';
    const hosts = inWave(wave, isWaiting);
    const end = pause.kind === 'time' ? Date.now() + pause.milliseconds : undefined;
    tell({ event: 'wave-pause', wave, hosts, until: end === undefined ? null : new Date(end).toISOString() });
    if (pause.kind === 'time' && end !== undefined) await pauseUntil(end, pause.milliseconds, signal);
    const goesOn = pause.kind !== 'ask' || (await ask(wave, hosts));
    if (signal.aborted) return;
    if (goesOn) return begin(wave);
    current = 'over';
    for (const [host, { standing }] of places) if (isWaiting(standing)) skip(host, { code: 'declined', wave });
  };

  const look = (): void => {
    if (signal.aborted) return;
    const next = nextIn(rollout, standings());
    for (const { host, problem } of next.skip) skip(host, problem);
    if (next.wave === 0) return;
    allReached.open();
    if (state !== 'under-way') return;
    if (next.wave === current) {
      for (const host of next.start) {
        move(host, 'started');
        places.get(host)?.turn.open();
      }
      return;
    }
    const before = current;
    current = next.wave;
    if (before !== 0 && before !== 'over')
      tell({ event: 'wave-ended', wave: before, failed: inWave(before, (one) => isFailure(one, rollout)) });
    if (next.wave === 'over') return;
    if (before === 0 || pause.kind === 'none') begin(next.wave);
    else void pauseBefore(next.wave);
  };

  return {
    async reached(host) {
      move(host, 'waiting');
      look();
      await unlessAborted(allReached.passed, signal);
      if (places.get(host)?.standing === 'skipped') await places.get(host)?.turn.passed;
    },
    unreached(host) {
      move(host, 'unreachable');
      look();
    },
    async turn(host, until) {
      if (state === 'not-begun') {
        state = 'under-way';
        look();
      }
      await unlessAborted(places.get(host)?.turn.passed ?? Promise.resolve(), until);
    },
    ended(host, { verdict, code }) {
      const place = places.get(host);
      if (place === undefined) return;
      place.verdict = verdict;
      if (place.standing !== 'skipped' && place.standing !== 'unreachable') move(host, standingOf({ verdict, code }));
      look();
    },
  };
}

interface Place {
  standing: Standing;
  verdict?: Verdict;
  readonly turn: Gate;
}

function isWaiting(standing: Standing): boolean {
  return standing === 'waiting';
}

function standingOf({ verdict, code }: Pick<HostResult, 'verdict' | 'code'>): Standing {
  if (isWell(verdict) && verdict !== 'skipped') return 'well';
  const isNotChanged = verdict === 'skipped' || verdict === 'failed';
  return isNotChanged && code !== null && isUnreachable({ code }) ? 'unreachable' : 'failed';
}

interface Gate {
  readonly passed: Promise<void>;
  readonly open: () => void;
  readonly refuse: (problem: Problem) => void;
}

/** What is waited for, once. Whoever does not wait any more is not told. */
function gateOf(): Gate {
  let open: () => void = () => {};
  let refuse: (problem: Problem) => void = () => {};
  const passed = new Promise<void>((resolve, reject) => {
    open = resolve;
    refuse = (problem) => reject(new FlurryError(problem));
  });
  passed.catch(() => {});
  return { passed, open: () => open(), refuse: (problem) => refuse(problem) };
}

// By the clock as well: the timers of a laptop that sleeps stand still, and those hosts have run on meanwhile. A clock that
// is set back makes no pause longer.
async function pauseUntil(end: number, milliseconds: number, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  const left = (): number => Math.min(end - Date.now(), startedAt + milliseconds - performance.now());
  while (left() > 0 && !signal.aborted) {
    await delay(Math.min(left(), lookEveryMs), undefined, { signal }).catch(() => {});
  }
}

const lookEveryMs = 1000;
