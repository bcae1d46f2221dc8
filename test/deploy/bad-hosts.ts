import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostResult } from '../../src/core/event.ts';
import { withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { type FlakeFixture, flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { type FlurryEnd, flurry } from './run-flurry.ts';

/** What is wrong with one host of a run, and how flurry has to tell it. */
export interface BadHost {
  /** Nix text added to its configuration. */
  readonly module?: string;
  /** Makes the host, or the way to it, bad. */
  readonly spoil?: (host: HostHandle, lease: Lease) => Promise<void>;
  /** What to type instead of its name: a configuration of the flake as well. */
  readonly alias?: string;
  readonly expected: (host: HostHandle, lease: Lease, flake: FlakeFixture) => Promise<BadEnd> | BadEnd;
  /** What else has to hold for the bad host. */
  readonly also?: (host: HostHandle, run: FlurryEnd) => Promise<void>;
}

type BadEnd = Pick<HostResult, 'verdict' | 'code' | 'reason'> & {
  /** What flurry can know of what the host runs: the old system unless told. */
  readonly seen?: 'nothing';
};

/**
 * Deploys to these bad hosts, each called by what is wrong with it, and to a good one beside them, which is promoted.
 * Verdict, code and reason of each bad one are these; it runs, boots and has in its profile what it had; exit 1.
 */
export function badHosts(bad: Readonly<Record<string, BadHost>>, flags: readonly string[] = []): () => Promise<void> {
  const wrongs = Object.entries(bad);
  return withHosts(wrongs.length + 1, async (lease) => {
    const { hosts, baseToplevel } = lease;
    const [good, ...others] = hosts;
    assert.ok(good);
    const each = others.flatMap((host, index) => {
      const [title, wrong] = wrongs[index] ?? [];
      return title === undefined || wrong === undefined
        ? []
        : [{ title, host, wrong, alias: wrong.alias ?? host.name }];
    });
    const flake = await flakeFixture(lease.directory, {
      [good.name]: service('own'),
      ...Object.fromEntries(each.map(({ host, wrong }) => [host.name, `${service('own')} ${wrong.module ?? ''}`])),
      ...Object.fromEntries(
        each.map(({ alias }) => alias).flatMap((name) => (isOf(hosts, name) ? [] : [[name, service('own')]])),
      ),
    });
    for (const { host, wrong } of each) await wrong.spoil?.(host, lease);
    const words = [...each.map(({ alias }) => alias), good.name, ...flags];
    const run = await flurry(lease, words, { cwd: flake.directory });

    assert.equal(run.code, 1, run.tail);
    assert.equal(run.result(good.name).verdict, 'promoted', run.tail);
    await assertRunsAndBoots(good, await flake.toplevel(good.name));
    for (const { title, host, wrong, alias } of each) {
      const expected = await wrong.expected(host, lease, flake);
      const { verdict, code, reason, running, bootDefault } = run.result(alias);
      const seen = expected.seen === 'nothing' ? null : baseToplevel;
      assert.deepEqual(
        { title, verdict, code, reason, running, bootDefault },
        {
          title,
          verdict: expected.verdict,
          code: expected.code,
          reason: expected.reason,
          running: seen,
          bootDefault: seen,
        },
      );
      const facts = await host.facts();
      assert.deepEqual(
        [title, facts.running, facts.bootDefault, facts.profile, facts.generations[0]],
        [title, baseToplevel, baseToplevel, baseToplevel, `system-1-link ${baseToplevel}`],
      );
      await assertNothingLeft(host);
      await wrong.also?.(host, run);
    }
  });
}

function isOf(hosts: readonly HostHandle[], name: string): boolean {
  return hosts.some((host) => host.name === name);
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
