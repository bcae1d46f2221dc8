import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, untilEnded } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, startFlurry } from './run-flurry.ts';
import { dropConnections } from './talkative.ts';

// A new system that does not let in whoever brought it. A failed login is never tried again before the host can have
// changed by itself: sshd punishes whoever offers keys again and again.

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

const keys = '/etc/ssh/authorized_keys.d/root';
/** The authorized key goes with the old system, and comes back with it. */
const takesKey = `
  ${service('own')}
  systemd.services.takes-key = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "/usr/bin/mv ${keys} ${keys}.taken";
      ExecStop = "/usr/bin/mv ${keys}.taken ${keys}";
    };
  };`;

test(
  'a new system that takes the key away: one login fails, the host puts itself back, and a new login proves it (20 s: the host keeps its deadline)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: takesKey });
    const before = await logins(host);
    const run = await flurry(lease, [host.name, '--confirm-timeout', '10s'], { cwd: flake.directory });
    const { verdict, code } = run.result(host.name);
    assert.deepEqual([run.code, verdict, code], [1, 'rolled-back', 'not-confirmed'], run.tail);
    assert.match(notes(run.events), /^no new connection: user "root" was not let in .*the host puts itself back$/m);
    const { accepted, failed } = await logins(host);
    assert.deepEqual([accepted - before.accepted, failed - before.failed], [2, 1]);
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);
  }),
);

test(
  'so it is where a person is to confirm: the question goes when no answer could be told to the host (30 s)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: takesKey });
    const before = await logins(host);
    const args = ['-o', 'json', host.name, '--confirm', 'ask', '--confirm-timeout', '20s'];
    const end = await flurryOnTerminal(lease, args, { cwd: flake.directory }).ended;
    const { verdict, code } = end.result(host.name);
    assert.deepEqual([end.code, verdict, code], [1, 'rolled-back', 'not-confirmed'], end.tail);
    assert.match(notes(end.events), /^no new connection: user "root" was not let in .*the host puts itself back$/m);
    const { accepted, failed } = await logins(host);
    assert.deepEqual([accepted - before.accepted, failed - before.failed], [2, 1]);
    await assertRunsAndBoots(host, lease.baseToplevel);
  }),
);

test(
  'a host that is lost and lets nobody in is tried again once it can have put itself back (60 s: the host keeps its deadline)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: takesKey }, { common: heldOnTheWay });
    const before = await logins(host);
    await holdAt(host, 'activation');
    const run = startFlurry(lease, ['-o', 'json', host.name, '--confirm-timeout', '45s'], { cwd: flake.directory });
    await untilHeldAt(host, 'activation');
    await host.inside('cp -p "$1" /run/kept-key && : >"$1"', [keys]);
    await dropConnections(host);
    await run.until('a refusal', (event) => event.event === 'note' && event.message.startsWith('it answers, and'));
    await host.inside('cp -p /run/kept-key "$1"', [keys]);
    await letGo(host, 'activation');
    const end = await run.ended;
    const { verdict, code } = end.result(host.name);
    assert.deepEqual([end.code, verdict, code], [1, 'rolled-back', 'not-confirmed'], end.tail);
    assert.match(
      notes(end.events),
      /^it answers, and does not let us in: user "root" was not let in .*; the next try is in (?:4[5-9]|50) s$/m,
    );
    assert.equal((await untilEnded(host)).verdict, 'rolled-back');
    // Before it was lost, when it is found again, and for the proof that it lets us in.
    const { accepted, failed } = await logins(host);
    assert.ok(failed - before.failed <= 2, `${failed - before.failed} logins failed`);
    assert.equal(accepted - before.accepted, 3);
    await assertRunsAndBoots(host, lease.baseToplevel);
  }),
);

function notes(events: readonly { readonly event: string; readonly message?: string }[]): string {
  return events.flatMap((event) => (event.event === 'note' ? [`${event.message}`] : [])).join('\n');
}

/** How many logins sshd has told of since the host is up. */
async function logins(host: HostHandle): Promise<{ readonly accepted: number; readonly failed: number }> {
  const { stdout } = await host.inside(`
    log=$(journalctl --boot --no-pager --output=cat --identifier=sshd --identifier=sshd-session)
    printf '%s\\n' "$log" | grep -c '^Accepted ' || true
    printf '%s\\n' "$log" | grep -cE '^(Failed |Connection (closed|reset) by authenticating user|Disconnected from authenticating user)' || true`);
  const [accepted = 0, failed = 0] = stdout.trim().split('\n').map(Number);
  return { accepted, failed };
}
