import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { PastDeployment } from '../../src/core/past-deployment.ts';
import { matchesFixture } from './fixture.ts';
import { run, type Story, silent, startOfRun, toplevel } from './runs.ts';
import { film, record } from './stage.ts';

const fixture = (name: string) => new URL(`./fixtures/${name}.txt`, import.meta.url);
const now = new Date(startOfRun).toISOString();
const ago = (seconds: number): string => new Date(startOfRun - seconds * 1000).toISOString();
const [hour, day] = [3600, 86_400];

function deployments(host: string): readonly PastDeployment[] {
  const known = {
    ...({ by: 'ada@laptop', goal: 'promote', generation: null, verdict: 'promoted' } as const),
    ...{ open: null, code: null, reason: null },
    release: {
      configuration: host,
      rev: '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c',
      narHash: 'sha256-x',
      lastModified: 0,
    },
    ...{ from: toplevel(host, 'old'), to: toplevel(host, 'new'), seconds: 34, takenBackBy: null },
  } as const;
  return [
    {
      ...{ ...known, deployment: '20261122T095500Z-0006', begun: ago(300), by: 'bob@laptop' },
      ...{ verdict: null, open: 'in-this-boot', ended: null, seconds: null },
    },
    {
      ...{ ...known, deployment: '20261122T090000Z-0005', begun: ago(hour), verdict: null, open: 'cut-off' },
      ...{ ended: null, seconds: null },
    },
    {
      ...{ ...known, deployment: '20261121T100000Z-0004', begun: ago(day), ended: ago(day - 95), seconds: 95 },
      ...{ release: null, from: known.to, to: known.from, generation: 40 },
    },
    {
      ...{ ...known, deployment: '20261120T100000Z-0003', begun: ago(2 * day), ended: ago(2 * day), generation: 41 },
      takenBackBy: '20261121T100000Z-0004',
    },
    {
      ...{ ...known, deployment: '20261119T100000Z-0002', begun: ago(3 * day), ended: ago(3 * day), seconds: 12 },
      ...{ verdict: 'rolled-back', code: 'units-failed', reason: '2 units failed: nginx.service, backup.service' },
      release: { configuration: 'spare', rev: null, narHash: 'sha256-AbCdEfGHBSa+/TImW', lastModified: 0 },
    },
    {
      ...{ ...known, deployment: '20261118T100000Z-0001', begun: ago(4 * day), ended: ago(4 * day), from: known.to },
      ...{ verdict: 'in-doubt', code: 'what-a-later-version-says', seconds: null },
    },
  ];
}

function read(of: readonly PastDeployment[]): Story {
  return (host) => [
    { at: 0, body: { event: 'phase-started', host, phase: 'connect' } },
    { at: 300, body: { event: 'phase-ended', host, phase: 'connect', outcome: 'ok', milliseconds: 300 } },
    { at: 400, body: { event: 'history', host, deployments: of, now } },
    {
      at: 400,
      body: {
        ...{ event: 'verdict', host, verdict: 'seen', code: null, reason: 'a', remedy: null },
        ...{ running: null, bootDefault: null, rev: null, seconds: 0.4 },
      },
    },
  ];
}

const two = run({
  verb: 'history',
  hosts: { web1: read(deployments('web1')), fresh1: read([]), dead1: silent(0, 'unreachable') },
});

test('histories are those of fixtures/history.txt', async () => {
  const { stdout } = await record(two);
  matchesFixture(stdout, fixture('history'));
});

test('on a terminal of 80 columns, in ASCII, they are those of fixtures/history-80x24-ascii.txt, and no row is wider', async () => {
  const environment = { TERM: 'xterm', LC_ALL: 'POSIX', NO_COLOR: '1' };
  const { text } = await film(two, { columns: 80, rows: 24, seconds: [], environment });
  assert.deepEqual(
    text.split('\n').filter((line) => line.length > 80),
    [],
  );
  matchesFixture(text, fixture('history-80x24-ascii'));
});
