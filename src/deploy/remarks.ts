import { size } from '../core/explain/quantity.ts';
import type { HostFacts } from '../core/facts.ts';
import { neededForNix } from './judge.ts';

/** Gives what forbids no deployment, but is good to know before one: a sentence each, whose subject is the host. */
export function remarksOn({ running, bootDefault, rebootFor, nixSpace, deployment }: HostFacts): readonly string[] {
  const next = bootDefault.toplevel;
  const neededBytes = neededForNix(nixSpace);
  const { freeBytes } = nixSpace;
  return [
    ...(deployment === 'under-way' ? ['is in the middle of a deployment; flurry status tells of which'] : []),
    ...(next !== '' && running !== next
      ? ['runs one system and boots another: a reboot would change what it runs']
      : []),
    ...(rebootFor.length > 0 ? [`needs a reboot, for another ${rebootFor.join(', ')}`] : []),
    ...(freeBytes >= neededBytes && freeBytes < 2 * neededBytes
      ? [`has ${size(freeBytes)} free in /nix; with less than ${size(neededBytes)} a deploy is refused`]
      : []),
  ];
}
