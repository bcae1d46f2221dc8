import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { type FlakeFixture, flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertNothingLeft, assertRunsAndBoots, untilEnded } from './host-claims.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

// What the new system does to the host outside Nix, and a reboot undoes: with it the old system's own service cannot be
// started, or the old system's activation hangs.
const [spoiltService, spoiltActivation] = ['/run/fleet-spoilt-service', '/run/fleet-spoilt-activation'];

const oldSystem = `
  systemd.services.fragile = {
    wantedBy = [ "multi-user.target" ];
    script = "test ! -e ${spoiltService}; exec sleep infinity";
  };
  system.activationScripts.hangs = "if [ -e ${spoiltActivation} ]; then sleep 600; fi";
`;

const newSystem = (spoilt: string): string => `
  ${heldOnTheWay}
  system.activationScripts.spoils = ": >${spoilt}";
  systemd.services.broken = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };
`;

test(
  'a host that cannot put itself back and is still reached is told to hold: in-doubt, exit 3, what does not run and what to type; once mended it is deployed to again (three deployments: 20 s and more)',
  options,
  withHosts(1, async (lease) => {
    const { host, flake } = await deployedOld(lease);
    const { bootId } = await host.facts();
    const run = await flurry(lease, [`${host.name}/spoils-service`, '--hold-window', '10m'], { cwd: flake.directory });
    const { verdict, code, reason, remedy } = run.result(host.name);
    const ssh = `ssh -F ${lease.sshConfig}`;
    assert.deepEqual(
      { verdict, code, reason, remedy, exit: run.code },
      {
        verdict: 'in-doubt',
        code: 'rollback-failed',
        reason:
          'the host had to put itself back (units-failed) and could not do so wholly: 1 unit is not as before: fragile.service; it stays as it is now and does nothing more by itself',
        remedy: [
          'log in while you can, and look:',
          `  ${ssh} ${host.name} systemctl --failed --no-pager`,
          `  ${ssh} ${host.name} "journalctl -n 100 --no-pager -u 'flurry-*'"`,
          'to start what does not run:',
          `  ${ssh} -t ${host.name} sudo systemctl start -- fragile.service`,
          'a reboot starts its boot default; if that is the old system, and it boots by itself, it is a way back:',
          `  ${ssh} ${host.name} readlink -f /run/current-system /nix/var/nix/profiles/system`,
          `  ${ssh} -t ${host.name} sudo systemctl reboot`,
        ].join('\n'),
        exit: 3,
      },
      run.tail,
    );
    const { running, bootDefault, failedUnits, ...facts } = await host.facts();
    const old = await flake.toplevel(host.name);
    assert.deepEqual(
      { running, bootDefault, failedUnits, bootId: facts.bootId },
      { running: old, bootDefault: old, failedUnits: ['fragile.service'], bootId },
    );
    const end = await untilEnded(host, 2);
    assert.deepEqual(
      [end.verdict, end.facts],
      [
        'in-doubt',
        ['code units-failed', 'unit broken.service', 'then hold', 'rollback-exit 4', 'lost-unit fragile.service'],
      ],
    );

    await host.inside(`rm ${spoiltService}; systemctl start fragile.service`);
    const again = await flurry(lease, [`${host.name}/mended`], { cwd: flake.directory });
    assert.deepEqual([again.result(host.name).verdict, again.code], ['promoted', 0], again.tail);
    await assertRunsAndBoots(host, await flake.toplevel('mended'));
    await assertNothingLeft(host);
  }),
);

test(
  'a way back that hangs is ended at --rollback-timeout; nobody says hold within --hold-window, and the host stays as it is, recorded as in-doubt',
  options,
  withHosts(1, async (lease) => {
    const { host, flake } = await deployedOld(lease);
    const { bootId } = await host.facts();
    const flags = ['--rollback-timeout', '3s', '--hold-window', '3s'];
    await leaveAlone(lease, host, flake, [`${host.name}/spoils-activation`, ...flags]);
    const end = await untilEnded(host, 2);
    assert.deepEqual(
      [end.verdict, end.facts],
      [
        'in-doubt',
        ['code units-failed', 'unit broken.service', 'then hold', 'rollback-exit timeout', 'lost-unit broken.service'],
      ],
    );
    const facts = await host.facts();
    const old = await flake.toplevel(host.name);
    const half = await flake.toplevel('spoils-activation');
    assert.deepEqual([facts.bootId, facts.running, facts.bootDefault], [bootId, half, old]);
    await host.inside(`! pgrep --full "sleep 60[0]"`);
    await assertNothingLeft(host);
  }),
);

test(
  'nobody says hold, --if-rollback-fails reboot: the host reboots into its boot default, the old system, which runs whole and is deployed to again (three deployments and a reboot: 20 s and more)',
  options,
  withHosts(1, async (lease) => {
    const { host, flake } = await deployedOld(lease);
    const { bootId } = await host.facts();
    const policy = ['--if-rollback-fails', 'reboot', '--unattended-boot', '--hold-window', '3s'];
    await leaveAlone(lease, host, flake, [`${host.name}/spoils-service`, ...policy]);
    await host.waitUntil(
      'it has rebooted',
      `test "$(cat /proc/sys/kernel/random/boot_id)" != ${bootId} && systemctl is-system-running --wait`,
      180_000,
    );
    await assertRunsAndBoots(host, await flake.toplevel(host.name));
    await host.inside('systemctl is-active fragile.service');
    const next = await flurry(lease, [`${host.name}/mended`], { cwd: flake.directory });
    assert.deepEqual([next.result(host.name).verdict, next.code], ['promoted', 0], next.tail);
    // Its end was not known before the host was seen again: it runs what it ran, and says why it had to reboot for that.
    const end = await untilEnded(host, 2);
    assert.deepEqual(
      [end.verdict, end.facts],
      [
        'rolled-back',
        ['code units-failed', 'unit broken.service', 'then reboot', 'rollback-exit 4', 'lost-unit fragile.service'],
      ],
    );
    await assertRunsAndBoots(host, await flake.toplevel('mended'));
    await assertNothingLeft(host);
  }),
);

/** A host that runs the old system, promoted, and a flake with what comes after it. */
async function deployedOld(lease: Lease): Promise<{ readonly host: HostHandle; readonly flake: FlakeFixture }> {
  const [host] = lease.hosts;
  assert.ok(host);
  const flake = await flakeFixture(lease.directory, {
    [host.name]: oldSystem,
    'spoils-service': newSystem(spoiltService),
    'spoils-activation': newSystem(spoiltActivation),
    mended: service('own'),
  });
  const run = await flurry(lease, [host.name], { cwd: flake.directory });
  assert.equal(run.result(host.name).verdict, 'promoted', run.tail);
  return { host, flake };
}

/** Begins a deployment, and is gone for good in the middle of its activation. */
async function leaveAlone(lease: Lease, host: HostHandle, flake: FlakeFixture, words: readonly string[]) {
  await holdAt(host, 'activation');
  const run = startFlurry(lease, ['-o', 'json', ...words], { cwd: flake.directory });
  await untilHeldAt(host, 'activation');
  run.kill('SIGKILL');
  assert.equal((await run.ended).signal, 'SIGKILL');
  await letGo(host, 'activation');
}
