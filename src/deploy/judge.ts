import type { HostFacts, Space } from '../core/facts.ts';
import type { Gates } from '../core/plan.ts';
import type { Problem } from '../core/problem.ts';

const gibibyte = 1024 ** 3;

/** Judges a host's health from its facts alone: everything that forbids to go on, the worst first; empty is healthy. */
export function judgeHealth(facts: HostFacts, gates: Gates): readonly Problem[] {
  const problems: Problem[] = [];
  const failed = facts.failedUnits.filter((unit) => !gates.ignoreUnits.includes(unit));
  if (facts.systemState !== 'running' && facts.systemState !== 'degraded') {
    problems.push({ code: 'not-running', state: facts.systemState });
  } else if (gates.degraded === 'refuse' && failed.length > 0) {
    problems.push({ code: 'degraded', failedUnits: failed });
  } else if (gates.degraded === 'refuse' && facts.systemState === 'degraded' && facts.failedUnits.length === 0) {
    // Units failed and were gone again while we looked: not a state to begin with either.
    problems.push({ code: 'not-running', state: 'degraded' });
  }
  if (facts.nixVersion === '') problems.push({ code: 'no-nix-on-host' });
  const { nixSpace, bootSpace } = facts;
  const neededBytes = neededForNix(nixSpace);
  if (nixSpace.freeBytes < neededBytes) {
    problems.push({ code: 'disk-full', path: '/nix', freeBytes: nixSpace.freeBytes, neededBytes });
  }
  // The next kernel and initrd are about as large as these, and are written before the old ones go.
  if (bootSpace !== undefined && bootSpace.freeBytes < facts.kernelBytes * 1.2) {
    const neededBytes = Math.ceil(facts.kernelBytes * 1.2);
    problems.push({ code: 'disk-full', path: '/boot', freeBytes: bootSpace.freeBytes, neededBytes });
  }
  return problems;
}

/** Gives how many bytes must be free in /nix before anything is copied. */
export function neededForNix({ sizeBytes }: Space): number {
  return Math.max(gibibyte, sizeBytes * 0.05);
}

/**
 * Judges whether a host can be deployed to at all, its health apart. `platform` is the configuration's, if known; what
 * the host has built before needs none.
 */
export function judgeReadiness(facts: HostFacts, configuration = '', platform?: string): readonly Problem[] {
  const problems: Problem[] = [];
  if (facts.noPrivilege !== undefined) problems.push(facts.noPrivilege);
  if (platform !== undefined && !runs(facts.system, platform)) {
    problems.push({ code: 'wrong-architecture', host: facts.system, configuration: `${configuration} (${platform})` });
  }
  if (facts.switchUnderWay !== undefined) problems.push({ code: 'switch-under-way', what: facts.switchUnderWay });
  return problems;
}

function runs(host: string, platform: string): boolean {
  return host === platform || (host === 'x86_64-linux' && platform === 'i686-linux');
}
