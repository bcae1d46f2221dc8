import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { matchesFixture } from '../report/fixture.ts';
import { inTerminal } from './drawn-on-terminal.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { flurryLines, flurryProgram } from './run-flurry.ts';

export function lockedOut(name: string, mistake: string, flags: readonly string[]): () => Promise<void> {
  return withHosts(2, async (lease) => {
    const [one, two] = lease.hosts;
    assert.ok(one && two);
    const [lines, tree] = await Promise.all([withoutTerminal(lease, one), withTerminal(lease, two)]);
    for (const host of lease.hosts) {
      await assertRunsAndBoots(host, lease.baseToplevel);
      await assertNothingLeft(host);
    }
    assertKept(`${name}-lines`, lines, lease);
    assertKept(`${name}-tree-80x24`, tree, lease);
  });

  async function withoutTerminal(lease: Lease, host: HostHandle): Promise<string> {
    const cwd = await repository(lease, host, mistake, 'lines');
    const { code, stderr, stdout, tail } = await flurryLines(lease, ['web1', ...flags], {
      cwd,
      bare: true,
      environment: { FLURRY_SSH_CONFIG: 'ssh_config' },
    });
    assert.equal(code, 1, tail);
    return `${stderr}\n${stdout}`;
  }

  async function withTerminal(lease: Lease, host: HostHandle): Promise<string> {
    const cwd = await repository(lease, host, mistake, 'tree');
    const run = await inTerminal([process.execPath, flurryProgram, 'web1', ...flags], {
      columns: 80,
      rows: 24,
      cwd,
      environment: {
        PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(':'),
        HOME: join(lease.directory, 'home'),
        LC_ALL: 'C.UTF-8',
        NO_COLOR: '1',
        GIT_CONFIG_NOSYSTEM: '1',
        FLURRY_SSH_CONFIG: 'ssh_config',
      },
      limitMs: 180_000,
    });
    assert.equal(run.code, 1, run.everything);
    assert.equal(run.cursor, 'shown');
    const worst = run.frames.find((frame) => /^! web1 +(?:no contact|unconfirmed) /m.test(frame));
    assert.ok(worst, run.everything);
    return [
      ruler('at the worst moment'),
      worst,
      '',
      ruler('at the end, with what scrolled away'),
      run.everything,
      '',
    ].join('\n');
  }
}

/** A flake whose one configuration is the mistake, and a way to the host under a name that is always the same. */
export async function repository(lease: Lease, host: HostHandle, mistake: string, name: string): Promise<string> {
  const { directory } = await flakeFixture(lease.directory, { web1: `${service('own')} ${mistake}` }, { name });
  const lines = [
    'Host web1',
    `  HostName ${host.address}`,
    '  User root',
    `  IdentityFile ${lease.identity}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    `  UserKnownHostsFile ${lease.knownHosts}`,
    '  GlobalKnownHostsFile none',
    // A silent host is given up after 12 to 16 s.
    '  ServerAliveInterval 4',
    '  ServerAliveCountMax 3',
    '',
  ];
  await writeFile(join(directory, 'ssh_config'), lines.join('\n'));
  return directory;
}

export function ruler(title: string): string {
  return `== ${title} `.padEnd(80, '=');
}

/** Compares with what was kept, whatever the times, and so the line breaks, are. */
export function assertKept(name: string, actual: string, lease: Lease): void {
  const url = new URL(`./fixtures/locked-out-${name}.txt`, import.meta.url);
  const hash = lease.baseToplevel.slice('/nix/store/'.length).slice(0, 7);
  const shown = actual.replaceAll(hash, '2qk8p1v').replace(/\b10(\.\d+){3}\b/g, '192.0.2.11');
  if (existsSync(url) && timeless(readFileSync(url, 'utf8')) === timeless(shown)) return;
  matchesFixture(shown, url);
}

export function timeless(text: string): string {
  return (
    text
      // Addresses differ in length, and so do the lines.
      .replace(/\nweb1 +\| {3}(?=\S)/g, ' ')
      .split('\n')
      // What programs printed comes when it comes; and a host that is done when it is found again has no way back to show.
      .filter((line) => !/^web1 +\| (?:[a-z]+: |✓ rollback )|^ +│ /.test(line))
      .join(' ')
      .replace(/\b\d\d:\d\d:\d\d\b/g, 'TIME')
      .replace(/\b\d+ min(?: \d+ s)?\b|\b\d+(?:\.\d+)? s\b/g, 'DURATION')
      .replace(/\b\d+:\d\d\b/g, 'CLOCK')
      .replace(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g, '*')
      .replace(/@ [0-9a-f]{7}\b/g, '@ REVISION')
      .replace(/(the same +)[^…]*…/g, '$1…')
      .replace(/\s+/g, ' ')
  );
}
