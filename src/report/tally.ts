import { phases } from '../core/phase.ts';
import type { HostState } from './board.ts';
import { outOfReachLabel } from './out-of-reach.ts';
import { countedVerdicts, doing, type Tone, verdictWords } from './words.ts';

/** How many hosts do or did the same. */
export interface Tally {
  readonly number: number;
  readonly words: string;
  readonly tone: Tone | 'active';
}

/** Counts hosts by what they do: what went wrong first (a narrow screen cuts the end), then the active, the well, the waiting. */
export function tally(hosts: readonly HostState[]): readonly Tally[] {
  const numbers = new Map<string, number>();
  for (const host of hosts) numbers.set(keyOf(host), (numbers.get(keyOf(host)) ?? 0) + 1);
  return order.flatMap(({ key, words, tone }) => {
    const number = numbers.get(key);
    return number === undefined ? [] : [{ number, words, tone }];
  });
}

function keyOf({ stage, outOfReach }: HostState): string {
  switch (stage.kind) {
    case 'ended':
      return stage.result.verdict;
    case 'active':
      return outOfReach === null ? stage.phase : outOfReachLabel(outOfReach.contact);
    case 'broken':
      return 'broken';
    case 'waiting':
    case 'between':
      return 'waiting';
  }
}

const byTone = (tone: Tone) =>
  countedVerdicts
    .filter((verdict) => verdictWords[verdict].tone === tone)
    .map((verdict) => ({ key: verdict, words: verdictWords[verdict].label, tone }));

const order: readonly { readonly key: string; readonly words: string; readonly tone: Tone | 'active' }[] = [
  ...byTone('alarm'),
  ...byTone('warned'),
  ...byTone('bad'),
  { key: 'no contact', words: 'no contact', tone: 'warned' },
  { key: 'unconfirmed', words: 'unconfirmed', tone: 'warned' },
  { key: 'broken', words: 'failing', tone: 'bad' },
  ...phases.toReversed().map((phase) => ({ key: phase, words: doing[phase], tone: 'active' as const })),
  ...byTone('good'),
  { key: 'waiting', words: 'waiting', tone: 'quiet' },
  ...byTone('quiet'),
];
