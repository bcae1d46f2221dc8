import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { FleetStatus } from '../../src/core/status.ts';
import { matchesFixture } from './fixture.ts';
import { run, type Story, silent, startOfRun, toplevel } from './runs.ts';
import { film, record } from './stage.ts';

const fixture = (name: string) => new URL(`./fixtures/${name}.txt`, import.meta.url);
const now = new Date(startOfRun).toISOString();
const ago = (seconds: number): string => new Date(startOfRun - seconds * 1000).toISOString();
const [minute, hour, day] = [60, 3600, 86_400];

function quiet(host: string): FleetStatus {
  const system = toplevel(host, 'old');
  return {
    ...{ running: system, booted: system, bootDefault: system, profile: system, generation: 41 },
    release: {
      deployment: '20261119T100000Z-11aa',
      configuration: host,
      rev: '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c',
      narHash: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      lastModified: startOfRun / 1000 - 5 * day,
    },
    underWay: [],
    lastVerdict: {
      deployment: '20261119T100000Z-11aa',
      verdict: 'promoted',
      at: ago(3 * day),
      by: 'ada@laptop',
      code: null,
    },
    cutOff: [],
    ...{ bootsOnce: null, seenAs: 'root', now },
    ...{ systemState: 'running', failedUnits: [], rebootFor: [], flake: null },
  };
}

function seen(changes: (host: string) => Partial<FleetStatus> = () => ({})): Story {
  return (host) => {
    const status = { ...quiet(host), ...changes(host) };
    const { running, bootDefault } = status;
    const rev = status.release?.rev ?? null;
    return [
      { at: 0, body: { event: 'phase-started', host, phase: 'connect' } },
      { at: 300, body: { event: 'phase-ended', host, phase: 'connect', outcome: 'ok', milliseconds: 300 } },
      { at: 300, body: { event: 'phase-started', host, phase: 'observe' } },
      { at: 400, body: { event: 'status', host, ...status } },
      { at: 400, body: { event: 'phase-ended', host, phase: 'observe', outcome: 'ok', milliseconds: 100 } },
      {
        at: 400,
        body: {
          ...{ event: 'verdict', host, verdict: 'seen', code: null, reason: 'nothing is under way', remedy: null },
          ...{ running, bootDefault, rev, seconds: 0.4 },
        },
      },
    ];
  };
}

const bob = { by: 'bob@laptop', atWork: true, secondsLeft: null } as const;
const deployment = '20261122T095500Z-4f2a';

const waits = seen((host) => ({
  running: toplevel(host, 'new'),
  underWay: [{ ...bob, kind: 'transaction', deployment, state: 'waiting', since: ago(5 * minute), secondsLeft: 42 }],
}));
const builds = seen(() => ({
  underWay: [{ ...bob, kind: 'build', deployment, state: 'building', since: ago(2 * hour) }],
}));
const abandoned = seen((host) => ({
  running: toplevel(host, 'new'),
  underWay: [
    { ...bob, kind: 'transaction', deployment, state: 'testing', since: ago(hour), secondsLeft: -90, atWork: false },
  ],
}));
const tested = seen((host) => ({
  running: toplevel(host, 'new'),
  release: {
    ...{ deployment, configuration: host, rev: null, lastModified: startOfRun / 1000 - 600 },
    narHash: 'sha256-AbCdEfGHBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  },
  lastVerdict: { deployment, verdict: 'tested', at: ago(5 * minute), by: 'bob@laptop', code: null },
}));
const cutOff = seen(() => ({
  cutOff: [{ deployment, at: ago(hour), by: 'bob@laptop' }],
}));
const back = seen(() => ({
  lastVerdict: { deployment, verdict: 'rolled-back', at: ago(4 * hour), by: 'bob@laptop', code: 'units-failed' },
}));
const fresh = seen(() => ({ release: null, lastVerdict: null }));
const unprivileged = seen(() => ({ seenAs: 'user', bootDefault: null }));
const rebootedInto = seen((host) => ({ booted: toplevel(host, 'new') }));

const here = { source: 'same', configuration: 'same', behind: 0, ahead: 0 } as const;
const other = { ...here, source: 'other' } as const;
const failing = seen(() => ({
  systemState: 'degraded',
  failedUnits: ['nginx.service', 'backup.service'],
  flake: here,
}));
const sick = seen(() => ({ systemState: 'maintenance' }));
const wantsReboot = seen(() => ({ rebootFor: ['kernel', 'kernel-modules'], flake: here }));
const inDoubt = seen(() => ({
  lastVerdict: { deployment, verdict: 'in-doubt', at: ago(hour), by: 'bob@laptop', code: 'changed-by-someone-else' },
}));
const behind = seen(() => ({ flake: { ...other, behind: 12 } }));
const ahead = seen(() => ({ flake: { ...other, ahead: 2 } }));
const diverged = seen(() => ({ flake: { ...other, behind: 1, ahead: 2 } }));
const sameCommit = seen(() => ({ flake: other }));
const another = seen(() => ({ flake: { ...other, behind: null, ahead: null } }));
const otherConfig = seen(() => ({ flake: { ...here, configuration: 'other' } }));
const ofUnknownSource = seen(() => ({
  release: null,
  flake: { source: 'unknown', configuration: 'unknown', behind: null, ahead: null },
}));

const onTrial = seen((host) => ({ bootsOnce: toplevel(host, 'new') }));

const many = run({
  verb: 'status',
  hosts: {
    web1: seen(),
    web2: waits,
    'database1.example.org': tested,
    build1: builds,
    old1: abandoned,
    cut1: cutOff,
    back1: back,
    fresh1: fresh,
    guest1: unprivileged,
    booted1: rebootedInto,
    trial1: onTrial,
    dead1: silent(0, 'unreachable'),
  },
});

test('a status of many hosts is that of fixtures/status.txt', async () => {
  const { stdout, stderr } = await record(many);
  matchesFixture(`== stderr\n${stderr}== stdout\n${stdout}`, fixture('status'));
});

test('a status on a terminal of 80 columns is that of fixtures/status-80x24.txt, and no row is wider', async () => {
  const { text } = await film(many, { columns: 80, rows: 24, seconds: [] });
  matchesFixture(text, fixture('status-80x24'));
});

const compared = run({
  verb: 'status',
  flake: 'read',
  hosts: {
    web1: seen(() => ({ flake: here })),
    web2: failing,
    web3: failing,
    web4: wantsReboot,
    web5: wantsReboot,
    old1: behind,
    new1: ahead,
    fork1: diverged,
    dirty1: sameCommit,
    remote1: another,
    moved1: otherConfig,
    hand1: ofUnknownSource,
    doubt1: inDoubt,
    sick1: sick,
    dead1: silent(0, 'unreachable'),
  },
});

test('hosts compared with a flake are those of fixtures/status-flake.txt: the most urgent last, the same told once', async () => {
  const { stdout, stderr } = await record(compared);
  matchesFixture(`${stderr.split('\n', 1)[0]}\n\n${stdout}`, fixture('status-flake'));
});

test('the same on a terminal of 80 columns is that of fixtures/status-flake-80x24.txt', async () => {
  const { text } = await film(compared, { columns: 80, rows: 24, seconds: [] });
  matchesFixture(text, fixture('status-flake-80x24'));
});

const sixty = run({
  verb: 'status',
  flake: 'read',
  hosts: Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => {
      const kinds = [index % 7 === 3 ? wantsReboot : seen(() => ({ flake: here })), behind, failing, waits];
      const kind = index === 11 ? kinds[3] : index % 20 === 5 ? kinds[2] : index % 4 === 1 ? kinds[1] : kinds[0];
      return [`node${String(index + 1).padStart(2, '0')}`, index === 40 ? silent(0, 'unreachable') : (kind ?? waits)];
    }),
  ),
});

test('sixty hosts in 80 columns of ASCII are those of fixtures/status-sixty-ascii.txt', async () => {
  const { text } = await film(sixty, {
    columns: 80,
    rows: 24,
    seconds: [],
    environment: { TERM: 'xterm', LC_ALL: 'POSIX', NO_COLOR: '1' },
  });
  matchesFixture(text, fixture('status-sixty-ascii'));
});

test('hosts on which nothing is to be told are a table alone', async () => {
  const { stdout } = await record(run({ verb: 'status', hosts: { web1: seen(), web2: back } }));
  assert.equal(
    stdout,
    [
      'host  state  revision          last verdict                        runs, boots',
      'web1  ✓ ok   9f8e7d6, 5 d old  promoted, 3 d ago by ada@laptop     2qk8p1v 25.11.20261101.9f8e7d6',
      'web2  ✓ ok   9f8e7d6, 5 d old  ROLLED BACK, 4 h ago by bob@laptop  2qk8p1v 25.11.20261101.9f8e7d6',
      '',
      '2 hosts seen in 0.4 s',
      '',
    ].join('\n'),
  );
});

test('a deployment that came to two ends is told with its sides and the ways to settle it, as fixtures/status-split.txt shows', async () => {
  const confirmed = seen((host) => ({
    ...{ running: toplevel(host, 'new'), bootDefault: toplevel(host, 'new') },
    lastVerdict: { deployment, verdict: 'promoted', at: ago(minute), by: 'bob@laptop', code: null },
  }));
  const { stdout } = await record(
    run({ verb: 'status', hosts: { web1: confirmed, web2: confirmed, web3: back, web4: waits } }),
  );
  matchesFixture(stdout, fixture('status-split'));
});
