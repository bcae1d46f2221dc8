import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFleet } from '../../src/config/fleet/read-fleet.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { heldOfHost } from '../../src/config/held.ts';
import type { Verb } from '../../src/config/option.ts';
import { readCheckRequest, readDeployRequest, readRollbackRequest } from '../../src/config/read-request.ts';
import { selectHosts } from '../../src/config/selection.ts';

const pace = { startDelayMs: 0, periodMs: 2000, tryTimeoutMs: 5000, timeoutMs: 60_000 } as const;
const fleet = readFleet(
  {
    defaults: {
      checks: {
        web: { unit: 'nginx.service' },
        site: { http: 'https://web1.example.org/health', retries: 3 },
        net: { ping: 'fe80::1' },
      },
    },
    hosts: {
      web1: {},
      web2: {
        checks: {
          net: { enable: false },
          site: {
            ...{ http: 'http://localhost', status: 204, body: 'ok', tls: 'unverified', from: 'coordinator' },
            ...{ when: 'both', startDelay: '1s', period: '500ms', tryTimeout: '1s', timeout: '2m' },
          },
          db: { tcp: '[::1]:5432', timeout: '3s', when: 'before' },
          jobs: { command: ['/run/current-system/sw/bin/jobs', '--all'] },
        },
      },
    },
  },
  ['web1', 'web2'],
);
const web = { name: 'web', when: 'after', probe: { kind: 'unit', unit: 'nginx.service', activeForMs: 5000 }, ...pace };

function typed(verb: Verb, ...destinations: readonly string[]) {
  const settings = gatherSettings(verb, new Map(), {});
  return { destinations, except: [], all: false, nixArguments: [], problems: [], settings };
}

function checksIn(request: ReturnType<typeof readDeployRequest>) {
  assert.ok(!('code' in request), JSON.stringify(request));
  return request.hosts.map(({ checks }) => checks);
}

test('a host has the checks of all hosts, unless it has one of that name, or wants none of it', () => {
  assert.deepEqual(fleet.problems, []);
  assert.deepEqual(checksIn(readDeployRequest(typed('deploy', 'web1', 'web2'), fleet)), [
    [
      web,
      {
        name: 'site',
        when: 'after',
        probe: {
          kind: 'http',
          url: 'https://web1.example.org/health',
          from: 'host',
          status: [],
          tls: 'verified',
        },
        ...pace,
        retries: 3,
      },
      { name: 'net', when: 'after', probe: { kind: 'ping', address: 'fe80::1' }, ...pace },
    ],
    [
      web,
      {
        name: 'site',
        when: 'both',
        probe: {
          kind: 'http',
          url: 'http://localhost/',
          from: 'coordinator',
          status: [204],
          body: 'ok',
          tls: 'unverified',
        },
        startDelayMs: 1000,
        periodMs: 500,
        tryTimeoutMs: 1000,
        timeoutMs: 120_000,
      },
      {
        name: 'db',
        when: 'before',
        probe: { kind: 'tcp', host: '::1', port: 5432, from: 'host' },
        ...pace,
        tryTimeoutMs: 3000,
        timeoutMs: 3000,
      },
      {
        name: 'jobs',
        when: 'after',
        probe: { kind: 'command', command: ['/run/current-system/sw/bin/jobs', '--all'] },
        ...pace,
      },
    ],
  ]);
});

test('a machine that the flake does not name has the checks of all hosts; check and rollback know them too', () => {
  const names = ['web', 'site', 'net'];
  const deployed = readDeployRequest(typed('deploy', 'nixos://other'), fleet);
  const checked = readCheckRequest(typed('check', 'web1'), fleet);
  const back = readRollbackRequest(typed('rollback', 'web1'), fleet);
  for (const request of [deployed, checked, back]) {
    assert.ok(!('code' in request));
    assert.deepEqual(
      request.hosts[0]?.checks?.map(({ name }) => name),
      names,
    );
  }
});

test('a host without checks has none in its plan', () => {
  const [host] = checksIn(readDeployRequest(typed('deploy', 'web1'), readFleet({ hosts: { web1: {} } }, ['web1'])));
  assert.equal(host, undefined);
});

test('config show tells what each check asks, and where it is declared', () => {
  const { settings, ...wanted } = typed('config', 'web2');
  const [web2] = selectHosts(wanted, fleet).selected;
  assert.ok(web2);
  const held = heldOfHost(settings, web2, fleet).filter(({ setting }) => setting.startsWith('checks.'));
  assert.deepEqual(
    held.map(({ setting, value, from }) => `${setting} | ${value} | ${from}`),
    [
      'checks.web | unit nginx.service active for 5 s | flurry.defaults.checks.web',
      'checks.site | http http://localhost/ from the coordinator | flurry.hosts.web2.checks.site',
      'checks.net | null | flurry.hosts.web2.checks.net',
      'checks.db | tcp [::1]:5432 from the host | flurry.hosts.web2.checks.db',
      'checks.jobs | command /run/current-system/sw/bin/jobs --all | flurry.hosts.web2.checks.jobs',
    ],
  );
});
