import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { type Answering, answering } from './answering.ts';
import { checksOf } from './checks-of.ts';
import { flakeFixture } from './flake-fixture.ts';
import { flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

/** Nix text of each check, and how it ends; one that fails is tried twice, and waits only so long. */
const inBraces = '$' + '{HOME}';
const once = 'retries = 1; tryTimeout = "15s";';
const shortly = 'retries = 1; tryTimeout = "1s";';
const kinds = (here: Answering, address: string): Readonly<Record<string, readonly [nix: string, end: RegExp]>> => ({
  'unit-well': ['unit = "steady.service"; activeFor = "1s"; period = "500ms";', /^passed: active for \d/],
  'unit-failed': ['unit = "broken-before.service"; retries = 2;', /^failed: failed \(failed, exit-code\)$/],
  'unit-absent': ['unit = "absent.service"; retries = 1;', /^failed: there is no such unit$/],
  'unit-flaps': [
    'unit = "flapping.service"; activeFor = "5s"; period = "500ms"; timeout = "8s";',
    /^failed: (?:restarted (?:once|\d+ times) in \d.*|activating \(auto-restart.*)$/,
  ],
  'unit-late': ['unit = "late.service"; activeFor = "0s"; period = "200ms";', /^passed: active for 0 s$/],

  'command-well': ['command = [ "/run/current-system/sw/bin/id" "-u" ];', /^passed: exit 0: 0$/],
  'command-words': [
    `command = [ "printf" "<%s>" "a b" "$(id)" "$HOME" "a\\${inBraces}$$" "%h" "'" ];`,
    /^passed: exit 0: <a b><\$\(id\)><\$HOME><a\$\{HOME\}\$\$><%h><'>$/,
  ],
  'command-fails': [
    `command = [ "sh" "-c" "echo looking; echo job 3 is stuck; exit 3" ]; ${once}`,
    /^failed: exit 3: job 3 is stuck$/,
  ],
  'command-hangs': [`command = [ "sleep" "1000" ]; ${shortly}`, /^failed: no end within 1 s$/],
  'command-deaf': [
    `command = [ "sh" "-c" "trap : TERM; sleep 1000; sleep 1000" ]; ${shortly}`,
    /^failed: no end within 1 s/,
  ],
  'command-endless': [`command = [ "yes" ]; ${shortly}`, /^failed: no end within 1 s: y$/],
  'command-leaves': ['command = [ "sh" "-c" "sleep 1000 & echo started" ];', /^passed: exit 0: started$/],
  'command-absent': [
    `command = [ "/nowhere/x" ]; ${once}`,
    /^failed: exit 127: .*\/nowhere\/x.*: No such file or directory$/,
  ],
  'command-garbage': [
    `command = [ "sh" "-c" "printf 'a\\\\033[31m\\\\000\\\\377b'; exit 1" ]; ${once}`,
    /^failed: exit 1: a.*b$/,
  ],

  'http-well': [`http = "${here.url('/well')}"; body = "is well";`, /^passed: http 200$/],
  'http-late': [`http = "${here.url('/third')}"; period = "200ms";`, /^passed: http 200$/],
  'http-503': [`http = "${here.url('/503')}"; ${once}`, /^failed: http 503$/],
  'http-moved': [`http = "${here.url('/moved')}"; ${once}`, /^failed: http 302$/],
  'http-body': [`http = "${here.url('/well')}"; body = "ill"; ${once}`, /^failed: http 200, and no "ill" in its body$/],
  'http-silent': [
    `http = "${here.url('/silent')}"; ${shortly}`,
    /^failed: Operation timed out after 1\d\d\d milliseconds/,
  ],
  'http-endless': [
    `http = "${here.url('/endless')}"; body = "ill"; ${once}`,
    /^failed: http 200, and no "ill" in its body$/,
  ],
  'http-garbage': [`http = "${here.garbageUrl}"; ${once}`, /^failed: Received HTTP\/0\.9 when not allowed$/],
  'http-refused': [`http = "http://${here.unusedHostPort}/"; ${once}`, /^failed: Failed to connect to /],
  'http-here': [`http = "${here.url('/well')}"; from = "coordinator"; status = 200;`, /^passed: http 200$/],
  'http-here-503': [`http = "${here.url('/503')}"; from = "coordinator"; ${once}`, /^failed: http 503$/],
  'http-here-silent': [
    `http = "${here.url('/silent')}"; from = "coordinator"; ${shortly}`,
    /^failed: no answer within 1 s$/,
  ],
  'http-here-garbage': [
    `http = "${here.garbageUrl}"; from = "coordinator"; ${once}`,
    /^failed: Parse Error: Expected HTTP\//,
  ],

  'tcp-well': [`tcp = "${here.hostPort}";`, /^passed: connected$/],
  'tcp-own': ['tcp = "localhost:22";', /^passed: connected$/],
  'tcp-refused': [`tcp = "${here.unusedHostPort}"; ${once}`, /^failed: Connection refused$/],
  'tcp-here': [`tcp = "${here.hostPort}"; from = "coordinator";`, /^passed: connected$/],
  'ping-well': [`ping = "${address}";`, /^passed: answered in \d.* ms$/],
  'ping-lost': [`ping = "${address.replace(/\d+$/, '250')}"; ${shortly}`, /^failed: no answer within 1 s$/],

  'tcp-here-refused': [`tcp = "${here.unusedHostPort}"; from = "coordinator"; ${once}`, /^failed: connection refused$/],
});

test(
  'flurry check runs every check: each kind passes, fails, hangs, comes late, flaps, and answers garbage or for ever, from the host and from here; JSON and lines tell why, and nothing is left on the host (over 20 s: 30 checks twice)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    using here = await answering(host);
    const checks = kinds(here, host.address);
    const text = Object.entries(checks).map(
      ([name, [nix]]) => `${name} = { timeout = "20s"; when = "before"; } // { ${nix} };`,
    );
    const flake = await flakeFixture(
      lease.directory,
      { [host.name]: '' },
      {
        outputs: `flurry.hosts.${host.name}.checks = { ${text.join('\n')} };`,
      },
    );
    await host.inside(`
      systemd-run --quiet --unit=steady sleep infinity
      systemd-run --quiet --unit=broken-before false
      systemd-run --quiet --unit=flapping --property=Restart=always --property=RestartSec=200ms --property=StartLimitIntervalSec=0 sleep 1
      systemd-run --quiet --unit=late --on-active=2 --timer-property=AccuracySec=100ms sleep infinity
    `);
    const words = ['check', host.name, '--allow-degraded'];
    const run = await flurry(lease, words, { cwd: flake.directory });
    const ends = checksOf(run);
    const others = Object.entries(checks).flatMap(([name, [, end]]) => {
      const found = ends[name] ?? 'nothing';
      return end.test(found) ? [] : [`${name} is not ${end}: ${found}`];
    });
    assert.deepEqual(others, []);
    assert.deepEqual(Object.keys(ends).sort(), Object.keys(checks).sort());
    const { verdict, code, reason } = run.result(host.name);
    assert.deepEqual([run.code, verdict, code], [1, 'unhealthy', 'check-failed'], run.tail);
    assert.match(reason, /^check \S+ failed after .*; not well either: /);

    const lines = await flurryLines(lease, words, { cwd: flake.directory });
    assert.equal(lines.code, 1);
    assert.match(lines.stderr, /\| ✗ check http-503 failed after \d.* and 1 try: http 503$/m);
    assert.match(lines.stderr, /\| ✓ check command-well passed after \d.*: exit 0: 0$/m);

    const { stdout } = await host.inside(
      "pgrep -fa '^(sleep 1000|curl |yes)' || true; systemctl list-units --all --plain --no-legend 'flurry-*'",
    );
    assert.equal(stdout, '');
    const { failedUnits } = await host.facts();
    assert.deepEqual(failedUnits, ['broken-before.service']);
  }),
);

test(
  'flurry check of a login that is nobody: units, http and tcp are asked as it, and a command is told to need root',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    using here = await answering(host);
    const checks = `{
      ssh = { unit = "ssh.service"; activeFor = "0s"; };
      site.http = "${here.url('/well')}";
      port.tcp = "localhost:22";
      jobs = { command = [ "true" ]; retries = 1; };
    }`;
    const outputs = `flurry.hosts.${host.name} = { user = "alice"; checks = ${checks}; };`;
    const flake = await flakeFixture(lease.directory, { [host.name]: '' }, { outputs });
    const run = await flurry(lease, ['check', host.name], { cwd: flake.directory });
    assert.deepEqual(checksOf(run), {
      ssh: 'passed: active for 0 s',
      site: 'passed: http 200',
      port: 'passed: connected',
      jobs: 'failed: only root can run it, and whoever logs in cannot become root',
    });
    assert.equal(run.result(host.name).code, 'check-failed', run.tail);
  }),
);
