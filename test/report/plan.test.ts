import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { matchesFixture } from './fixture.ts';
import { buildFails, degraded, forecastOf, planned, plannedUnchanged, run, sixtyPlanned } from './runs.ts';
import { film, record, setUp } from './stage.ts';
import { openVirtualTerminal } from './virtual-terminal.ts';

const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url);

test('the plan of sixty hosts fits on a screen: alike ones together, unchanged ones on one line, the worst last', async () => {
  const { terminal } = await film(sixtyPlanned(), { columns: 80, rows: 40, seconds: [] });
  matchesFixture(`${terminal.everything()}\n`, fixture('plan-sixty-80x40.txt'));
});

test('the plan of a host tells its reboot, what cannot be tested live, and what only the deployment finds out', async () => {
  const events = run({
    verb: 'plan',
    hosts: {
      web1: planned(
        forecastOf({
          reboots: true,
          bootedOnceFirst: true,
          bootsOther: ['kernel'],
          unknown: ['self-check', 'units', 'reachable', 'boot'],
        }),
      ),
      web2: planned(
        forecastOf({
          verdict: 'staged',
          units: null,
          inhibitors: [{ key: 'dbus-implementation', old: 'dbus', new: 'broker' }],
          unknown: [],
        }),
      ),
      web3: buildFails(),
    },
  });
  const { stdout } = await record(events);
  matchesFixture(stdout, fixture('plan-three.txt'));
});

test('a closure that hardly grows or shrinks is told as one of the same size', async () => {
  const of = (addedBytes: number) => ({ packages: [], rebuilt: 0, otherPaths: 2, addedBytes, removedBytes: 36_864 });
  const sizeOf = async (addedBytes: number) => {
    const { stdout } = await record(
      run({ verb: 'plan', hosts: { web1: planned(forecastOf({ closure: of(addedBytes) })) } }),
    );
    return /size {6}(.*)/.exec(stdout)?.[1];
  };
  assert.equal(await sizeOf(36_600), 'the same (36 KiB come, 36 KiB go)');
  assert.equal(await sizeOf(37_888), '+1 KiB (37 KiB come, 36 KiB go)');
  assert.equal(await sizeOf(35_840), '-1 KiB (35 KiB come, 36 KiB go)');
});

test('where nothing would change there is no command to do it, and one host needs no numbers', async () => {
  const one = await record(run({ verb: 'plan', hosts: { web1: plannedUnchanged() } }));
  assert.match(one.stdout, /^✓ web1 unchanged: runs and boots it already\n\nnothing was changed \(1 s\)\n$/);
});

test('all or nothing: while one host is refused, it is told that none would change', async () => {
  const together = planned(forecastOf({ allOrNothing: true }));
  const { stdout } = await record(run({ verb: 'plan', hosts: { web1: together, web2: degraded() } }));
  assert.match(stdout, /\nall or nothing: while that is so, none of them changes\n.*; nothing was changed \(.*\)\n$/);
});

test('what a host says cannot colour the plan, nor clear the screen', async () => {
  const evil = '\u001b[2Jevil.service';
  const units = { stopped: [evil], started: [], restarted: [], reloaded: [], leftAlone: [], otherwise: [evil] };
  const closure = {
    packages: [{ name: evil, before: [evil], after: [], bytes: 1 }],
    rebuilt: 0,
    otherPaths: 0,
    addedBytes: 1,
    removedBytes: 1,
  };
  const inhibitors = [{ key: evil, old: evil, new: evil }];
  const { stdout } = await record(
    run({ verb: 'plan', hosts: { web1: planned(forecastOf({ units, closure, inhibitors })) } }),
  );
  assert.ok(!stdout.includes('\u001b'), stdout);
});

test('with --ask the plan stands above the question, and the table of verdicts at the end', () => {
  const events = run({ hosts: { web1: planned(), web2: degraded() } });
  const terminal = openVirtualTerminal(80, 60);
  const stage = setUp(events, { stdout: terminal, stderr: terminal, output: 'lines', verbosity: 'quiet' });
  stage.playUntil(24_500);
  stage.report.showPlan();
  const shown = terminal.everything();
  assert.match(
    shown,
    /\n→ web1 would be promoted\n {2}stop {6}old-importer\.service\n[\s\S]*\n✗ web2 refused in observe/,
  );
});
