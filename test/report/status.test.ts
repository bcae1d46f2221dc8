import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { HostStatus } from '../../src/core/status.ts';
import { matchesFixture } from './fixture.ts';
import { run, type Story, silent, startOfRun, toplevel } from './runs.ts';
import { film, record } from './stage.ts';

const fixture = (name: string) => new URL(`./fixtures/${name}.txt`, import.meta.url);
const now = new Date(startOfRun).toISOString();
const ago = (seconds: number): string => new Date(startOfRun - seconds * 1000).toISOString();
const [minute, hour, day] = [60, 3600, 86_400];

function quiet(host: string): HostStatus {
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
  };
}

function seen(changes: (host: string) => Partial<HostStatus> = () => ({})): Story {
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

test('hosts on which nothing is to be told are a table alone', async () => {
  const { stdout } = await record(run({ verb: 'status', hosts: { web1: seen(), web2: back } }));
  assert.equal(
    stdout,
    [
      'host  runs                            boots     revision          last verdict',
      'web1  2qk8p1v 25.11.20261101.9f8e7d6  the same  9f8e7d6, 5 d old  promoted, 3 d ago',
      'web2  2qk8p1v 25.11.20261101.9f8e7d6  the same  9f8e7d6, 5 d old  ROLLED BACK, 4 h ago',
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
