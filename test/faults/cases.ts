import { type FaultCase, nameOf } from './fault-case.ts';
import { type Fault, type FaultName, faults } from './faults.ts';
import { points } from './points.ts';

export const faultNames = Object.keys(faults).filter((name): name is FaultName => name in faults);

/** Every fault at every point where it makes sense, in an order by the seed, or those that are named `fault:state`. */
export function allCases({
  only,
  seed,
}: {
  readonly only: readonly string[];
  readonly seed: number;
}): readonly FaultCase[] {
  const cases = faultNames.flatMap((fault) => {
    const { at }: Fault = faults[fault];
    return at.map((point): FaultCase => ({ fault, point, reboots: true, deploysAgain: true }));
  });
  const chosen = cases.filter(
    (each) =>
      only.length === 0 ||
      only.some(
        (wish) =>
          wish === nameOf(each) ||
          wish === each.fault ||
          wish === `:${each.point}` ||
          wish === `${each.fault}:${points[each.point].state}`,
      ),
  );
  return shuffled(chosen, seed);
}

/** What `npm run test:release` tries: each fault once, and each state. The long ones of either half first. */
export const smallCases: readonly FaultCase[] = [
  { fault: 'cut-for-ever', point: 'waiting' },
  { fault: 'coordinator-killed', point: 'verifying' },
  { fault: 'activation-stops-sshd', point: 'testing' },
  { fault: 'programs-gone', point: 'armed' },
  { fault: 'main-process-killed', point: 'promoting', reboots: true },
  { fault: 'unit-killed', point: 'gating', deploysAgain: true },
  { fault: 'unit-stopped', point: 'going-back' },
  { fault: 'second-coordinator', point: 'locked' },
  { fault: 'nix-daemon-stopped', point: 'gated' },
  { fault: 'cut-for-60s', point: 'confirmed' },
  { fault: 'frozen', point: 'waiting' },
  { fault: 'mount-fails', point: 'testing' },
  { fault: 'activation-ignores-sigterm', point: 'testing' },
  { fault: 'dbus-restarted', point: 'loading' },
  { fault: 'cut-past-every-deadline', point: 'verified' },
  { fault: 'cut-for-10s', point: 'activating' },
  { fault: 'shutdown', point: 'rolling-back' },
  { fault: 'hard-stop', point: 'loading' },
  { fault: 'reboot', point: 'activating', deploysAgain: true },
  { fault: 'activation-cuts-network', point: 'testing' },
  { fault: 'activation-hangs', point: 'testing' },
  { fault: 'activation-forks-away', point: 'testing' },
  { fault: 'loader-fails', point: 'promoting', reboots: true },
  { fault: 'loader-fails-after-gc', point: 'promoting' },
  { fault: 'switched-by-hand', point: 'verified' },
  { fault: 'run-full', point: 'testing' },
  { fault: 'var-full', point: 'verifying' },
  { fault: 'daemon-reexec', point: 'activating' },
  { fault: 'reload-loop', point: 'armed' },
  { fault: 'journald-restarted', point: 'activating' },
  { fault: 'garbage-collected', point: 'loading' },
  { fault: 'isolated', point: 'verifying' },
];

function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const random = randomFrom(seed);
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
