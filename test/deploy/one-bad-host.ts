import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostResult } from '../../src/core/event.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { type FlakeFixture, flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { type FlurryEnd, flurry } from './run-flurry.ts';

export const needsThree = {
  skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …',
};

/** What is wrong with one host of three, and how flurry has to tell it. */
export interface BadHost {
  /** Nix text added to its configuration. */
  readonly module?: string;
  /** Makes the host, or the way to it, bad. */
  readonly spoil?: (host: HostHandle, lease: Lease) => Promise<void>;
  /** What to type instead of its name. */
  readonly alias?: string;
  readonly flags?: readonly string[];
  /** Further configurations of the flake. */
  readonly configurations?: readonly string[];
  readonly expected: (host: HostHandle, lease: Lease, flake: FlakeFixture) => Promise<BadEnd> | BadEnd;
  /** What else has to hold for the bad host. */
  readonly also?: (host: HostHandle, run: FlurryEnd) => Promise<void>;
}

type BadEnd = Pick<HostResult, 'verdict' | 'code' | 'reason'> & {
  /** What flurry can know of what the host runs: the old system unless told. */
  readonly seen?: 'nothing';
};

/**
 * Deploys to three hosts of which the last is bad: the other two are promoted; the bad one's verdict, code and reason
 * are these; it runs, boots and has in its profile what it had; exit 1.
 */
export function oneBadHost(bad: BadHost): () => Promise<void> {
  return withHosts(3, async (lease) => {
    const { hosts, baseToplevel } = lease;
    const [one, two, badOne] = hosts;
    assert.ok(one && two && badOne);
    const flake = await flakeFixture(lease.directory, {
      [one.name]: service('own'),
      [two.name]: service('own'),
      [badOne.name]: `${service('own')} ${bad.module ?? ''}`,
      ...Object.fromEntries((bad.configurations ?? []).map((name) => [name, service('own')])),
    });
    await bad.spoil?.(badOne, lease);
    const alias = bad.alias ?? badOne.name;
    const expected = await bad.expected(badOne, lease, flake);
    const run = await flurry(lease, [one.name, two.name, alias, ...(bad.flags ?? [])], { cwd: flake.directory });

    const { verdict, code, reason, running, bootDefault } = run.result(alias);
    const seen = expected.seen === 'nothing' ? null : baseToplevel;
    assert.deepEqual(
      { verdict, code, reason, running, bootDefault },
      { verdict: expected.verdict, code: expected.code, reason: expected.reason, running: seen, bootDefault: seen },
      run.tail,
    );
    for (const host of [one, two]) {
      assert.equal(run.result(host.name).verdict, 'promoted', run.tail);
      await assertRunsAndBoots(host, await flake.toplevel(host.name));
    }
    assert.equal(run.code, 1);
    const facts = await badOne.facts();
    assert.deepEqual(
      [facts.running, facts.bootDefault, facts.profile, facts.generations[0]],
      [baseToplevel, baseToplevel, baseToplevel, `system-1-link ${baseToplevel}`],
    );
    await assertNothingLeft(badOne);
    await bad.also?.(badOne, run);
  });
}

/** Puts lines for a host in front of the lease's ssh_config, where they win. */
export async function addToSshConfig(lease: Lease, host: string, lines: readonly string[]): Promise<void> {
  const before = await readFile(lease.sshConfig, 'utf8');
  await writeFile(lease.sshConfig, [`Host ${host}`, ...lines.map((line) => `  ${line}`), '', before].join('\n'));
}

/** Writes a file into the lease's folder. */
export async function fileIn(lease: Lease, name: string, text: string): Promise<string> {
  const path = join(lease.directory, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
