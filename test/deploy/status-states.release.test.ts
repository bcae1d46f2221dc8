import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/core/event.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { everythingKept, keptDifferences } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { type FlurryEnd, flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

type StatusSeen = Extract<Event, { readonly event: 'status' }>;

test(
  'status tells a fresh host, one after goal test, one that waits to be confirmed, and a dead one apart, and changes nothing on them',
  options,
  withHosts(3, async (lease) => {
    const [fresh, tested, waits] = lease.hosts;
    assert.ok(fresh && tested && waits);
    const base = lease.baseToplevel;
    const flake = await flakeFixture(lease.directory, { [tested.name]: service('own'), [waits.name]: service('own') });
    const toplevels = [await flake.toplevel(tested.name), await flake.toplevel(waits.name)];
    const rev = await flake.git('rev-parse', 'HEAD');
    const test = await flurry(lease, ['--goal', 'test', tested.name], { cwd: flake.directory });
    assert.equal(test.code, 0, test.tail);
    // A port on which nobody listens.
    const dead = '127.0.0.1:1';
    const deploy = flurryOnTerminal(lease, ['--confirm', 'ask', waits.name], { cwd: flake.directory });
    await deploy.untilShown('keep the new system? [y/N] ');

    const names = [fresh.name, tested.name, waits.name, dead];
    const end = await flurry(lease, ['status', ...names]);
    assert.deepEqual(
      lease.hosts.map(({ name }) => end.result(name).verdict).concat(end.result(dead).verdict),
      ['seen', 'seen', 'seen', 'unreachable'],
      end.tail,
    );
    assert.equal(end.code, 1);

    const [ofFresh, ofTested, ofWaits] = lease.hosts.map(({ name }) => statusIn(end, name));
    assert.ok(ofFresh && ofTested && ofWaits, end.tail);
    const same = {
      ...{ booted: base, bootDefault: base, bootsOnce: null, profile: base, generation: 1 },
      ...{ rebootFor: [], systemState: 'running', failedUnits: [], cutOff: [], seenAs: 'root', flake: null },
    };
    assert.deepEqual(pick(ofFresh), { running: base, ...same, release: null, underWay: [], lastVerdict: null });
    assert.deepEqual(
      { ...pick(ofTested), release: null, lastVerdict: ofTested.lastVerdict?.verdict },
      { running: toplevels[0], ...same, release: null, underWay: [], lastVerdict: 'tested' },
    );
    assert.equal(ofTested.release?.rev, rev);
    assert.equal(ofTested.release.configuration, tested.name);
    const [underWay] = ofWaits.underWay;
    assert.ok(underWay, end.tail);
    const { kind, state, secondsLeft, atWork, by, deployment } = underWay;
    assert.deepEqual({ kind, state, atWork }, { kind: 'transaction', state: 'waiting', atWork: true });
    assert.ok(secondsLeft !== null && secondsLeft > 0 && secondsLeft <= 60, `${secondsLeft} s left`);
    assert.match(by, /^[^@\s]+@[^@\s]+$/);
    assert.match(deployment, /^\d{8}T\d{6}Z-[0-9a-f]{4}$/);
    assert.equal(end.result(waits.name).running, toplevels[1]);

    // A login itself leaves traces, once: each host has seen one by now.
    const before = await Promise.all([fresh, tested].map(everythingKept));
    const lines = await flurryLines(lease, ['status', ...names]);
    const after = await Promise.all([fresh, tested].map(everythingKept));
    assert.deepEqual(
      after.map((kept, index) => keptDifferences(before[index] ?? [], kept)),
      [[], []],
    );
    const rows = lines.stdout.split('\n').map((row) => row.split(/ {2,}/));
    const cells = (name: string) => rows.find(([first]) => first === name)?.toSpliced(0, 1) ?? [];
    const hash = (path: string | undefined) => (path ?? '').slice('/nix/store/'.length, '/nix/store/'.length + 7);
    const starts = (cell: string | undefined, text: string) => assert.ok(cell?.startsWith(text), `${cell}: ${text}`);
    assert.deepEqual(rows[0], ['host', 'state', 'revision', 'last verdict', 'runs', 'boots'], lines.tail);
    assert.deepEqual(cells(fresh.name).slice(0, 3).concat(cells(fresh.name).slice(4)), [
      ...['✓ ok', 'unknown', 'none', 'the same'],
    ]);
    assert.equal(cells(tested.name)[0], '! boots another');
    starts(cells(tested.name)[1], rev.slice(0, 7));
    starts(cells(tested.name)[2], 'tested');
    starts(cells(tested.name)[3], hash(toplevels[0]));
    starts(cells(tested.name)[4], hash(base));
    assert.match(cells(waits.name)[0] ?? '', /^▸ waits \d+ (?:s|min)\b/);
    assert.deepEqual(cells(dead), ['✗ unreachable']);
    // The most urgent last.
    assert.deepEqual(
      rows.slice(1, 5).map(([first]) => first),
      [fresh.name, dead, tested.name, waits.name],
    );
    assert.match(lines.stdout, new RegExp(`^! ${tested.name} runs one system and boots another`, 'm'));
    assert.match(
      lines.stdout,
      new RegExp(`^▸ ${waits.name} waits to be confirmed, \\d+ s left; begun .* by ${by} `, 'm'),
    );
    for (const word of ['attach', 'confirm', 'abort']) {
      assert.match(lines.stdout, new RegExp(`^ {4}flurry ${word} ${waits.name} --ssh-config \\S+$`, 'm'));
    }

    deploy.type('n\n');
    assert.equal((await deploy.ended).code, 1);
  }),
);

function statusIn(end: FlurryEnd, host: string): StatusSeen | undefined {
  return end.events.find((event): event is StatusSeen => event.event === 'status' && event.host === host);
}

function pick({ version: _, at: __, event: ___, host: ____, now: _____, ...rest }: StatusSeen) {
  return rest;
}
