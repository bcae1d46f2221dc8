import type { Amount, Pause } from '../core/rollout.ts';
import type { BadValue } from './bad-value.ts';
import { durationExpected, parseDuration } from './duration.ts';
import { read } from './kinds.ts';

/** So many hosts, or so many of a hundred of them: `2`, `10%`. */
export const failureLimit = read<Amount>(
  (text) => parseAmount(text, 0) ?? { expected: 'a number of hosts, or a share of them like 10%', found: text },
);

/** How many hosts there are in all up to each wave: `1,25%,100%`. What it comes to depends on how many there are. */
export const waveSteps = read<readonly Amount[]>((text) => {
  const steps: Amount[] = [];
  for (const word of text.split(',')) {
    const step = parseAmount(word.trim(), 1);
    if (step === undefined) return { expected: stepsExpected, found: word.trim() };
    const { number } = steps.findLast(({ unit }) => unit === step.unit) ?? { number: 0 };
    if (step.number <= number) return { expected: 'steps that grow: each is so many hosts in all', found: text };
    steps.push(step);
  }
  const last = steps.at(-1);
  return last?.unit === 'percent' && last.number < 100 ? leavesHostsOut(text) : steps;
});

/** What there is between two waves: nothing for `0s`. */
export const pauseBetween = read<Pause>((text) => {
  if (text === 'ask') return { kind: 'ask' };
  const milliseconds = parseDuration(text);
  if (typeof milliseconds === 'object') return { ...milliseconds, expected: `ask, or ${durationExpected}` };
  return milliseconds === 0 ? { kind: 'none' } : { kind: 'time', milliseconds };
});

/** What is wrong with steps that do not come to all hosts. */
export function leavesHostsOut(text: string): Required<BadValue> {
  return { expected: 'steps that end at all hosts', found: text, next: `add 100%: ${text},100%` };
}

const stepsExpected = 'numbers of hosts, or shares of them from 1% to 100%, like 1,25%,100%';

function parseAmount(text: string, least: number): Amount | undefined {
  const [, digits, percent] = /^(\d{1,6})(%?)$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || number < least || (percent === '%' && number > 100)) return undefined;
  return { number, unit: percent === '%' ? 'percent' : 'hosts' };
}
