import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { buildsHere, flakeFixture, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { planAndDeploy } from './plan-and-deploy.ts';
import { flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };

const reloading = (version: string): string => `systemd.services.reloading = {
  wantedBy = [ "multi-user.target" ];
  reloadIfChanged = true;
  environment.VERSION = "${version}";
  reload = "echo reloaded >>/run/reloading";
  script = "exec sleep infinity";
};`;

test(
  'what a plan tells of units, packages and reboots is what the deployment then does; it has changed nothing (7 situations, over 60 s)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${service('other')}` });
    const situation = async (module: string | undefined, ...flags: readonly string[]) => {
      if (module !== undefined) await flake.change(host.name, module);
      const { plan, planned } = await planAndDeploy(lease, host, [host.name, ...flags], flake.directory);
      assert.ok(plan, `${planned.verdict}: ${planned.reason}`);
      return plan;
    };

    const fresh = await situation(undefined);
    assert.deepEqual([fresh.verdict, fresh.units?.started], ['promoted', ['other.service', 'own.service']]);
    const same = await situation(undefined);
    assert.deepEqual([same.verdict, same.units, same.closure, same.unknown], ['unchanged', null, null, []]);
    const changed = await situation(`${service('own', '2')} ${service('other')} ${reloading('1')}`);
    assert.deepEqual(
      [changed.units?.restarted, changed.units?.started, changed.units?.stopped],
      [['own.service'], ['reloading.service'], []],
    );
    const removed = await situation(`${service('own', '2')} ${reloading('1')}`);
    assert.deepEqual([removed.units?.stopped, removed.units?.restarted], [['other.service'], []]);
    const reloaded = await situation(`${service('own', '2')} ${reloading('2')}`);
    assert.deepEqual([reloaded.units?.reloaded, reloaded.units?.restarted], [['reloading.service'], []]);
    assert.equal((await host.inside('cat /run/reloading')).stdout, 'reloaded\n');

    const kernel = (version: string) => `${service('own', '2')} shaped.kernelVersion = "${version}";`;
    const unasked = await situation(kernel('6.13.1'));
    assert.deepEqual(
      [unasked.verdict, unasked.reboots, unasked.bootsOther, unasked.closure?.packages],
      [
        'promoted',
        false,
        ['kernel', 'initrd', 'kernel-modules'],
        [
          { name: 'initrd-linux', before: ['6.12.58'], after: ['6.13.1'], bytes: 0 },
          { name: 'linux', before: ['6.12.58'], after: ['6.13.1'], bytes: unasked.closure?.packages[1]?.bytes },
        ],
      ],
    );
    const asked = await situation(kernel('6.13.2'), '--reboot', 'if-needed');
    assert.deepEqual([asked.verdict, asked.reboots, asked.unknown.at(-1)], ['promoted', true, 'boot']);
  }),
);

const inhibitor = (dbus: string): string => `system.switch.inhibitors = { dbus-implementation = "${dbus}"; };`;

test(
  'a plan of each goal, and of a host that cannot be switched live, tells the end that the deployment comes to (6 situations, over 60 s)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${inhibitor('dbus')}` });
    const situation = async (module: string | undefined, ...flags: readonly string[]) => {
      if (module !== undefined) await flake.change(host.name, module);
      return await planAndDeploy(lease, host, [host.name, ...flags], flake.directory);
    };

    const tested = await situation(undefined, '--goal', 'test');
    assert.deepEqual([tested.plan?.verdict, tested.plan?.units?.started], ['tested', ['own.service']]);
    const here = await situation(undefined);
    assert.deepEqual([here.plan?.verdict, here.plan?.units?.restarted], ['promoted', []]);
    const refused = await situation(`${service('own', '2')} ${inhibitor('broker')}`);
    assert.deepEqual([refused.planned.verdict, refused.planned.code], ['refused', 'switch-inhibited']);
    const staged = await situation(undefined, '--on-inhibitor', 'boot');
    assert.deepEqual(
      [staged.plan?.verdict, staged.plan?.units, staged.plan?.inhibitors],
      ['staged', null, [{ key: 'dbus-implementation', old: 'dbus', new: 'broker' }]],
    );
    const booted = await situation(`${service('own', '3')} ${inhibitor('dbus')}`, '--goal', 'boot');
    assert.deepEqual([booted.plan?.verdict, booted.plan?.units], ['staged', null]);
    const previewed = await situation(undefined, '--goal', 'dry-activate');
    assert.deepEqual([previewed.plan?.verdict, previewed.plan?.units?.restarted], ['previewed', ['own.service']]);
  }),
);

test(
  'a host that a deployment would refuse is refused by its plan, with the same code (7 situations, over 60 s)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const module = service('own');
    const flake = await flakeFixture(lease.directory, { [host.name]: module, elsewhere: service('own') });
    const situation = async (own: string, ...flags: readonly string[]) => {
      await flake.change(host.name, own);
      const { plan, planned } = await planAndDeploy(lease, host, [host.name, ...flags], flake.directory);
      return plan === undefined ? `${planned.verdict} ${planned.code}` : plan.verdict;
    };

    assert.equal(await situation('shaped.buildFails = true;'), 'failed build-failed');
    assert.equal(await situation(`system.preSwitchChecks.no = "exit 1";`), 'refused pre-switch-check-failed');
    assert.equal(await situation(module, '--pre-activate-script', 'bin/none'), 'refused self-check-missing');

    const { stdout: hostname } = await host.inside('hostname; hostname elsewhere');
    assert.equal(await situation(module), 'refused wrong-host');
    await host.inside('hostname "$1"', [hostname.trim()]);

    await host.inside(
      'systemd-run --quiet --unit=bad.service false; until systemctl is-failed --quiet bad; do sleep 0.1; done',
    );
    assert.equal(await situation(module), 'refused degraded');
    assert.equal(await situation(module, '--ignore-unit', 'bad.service'), 'promoted');
    await host.inside('systemctl reset-failed');

    await flake.change(host.name, `${service('own', '2')} ${heldOnTheWay}`);
    await holdAt(host, 'activation');
    const other = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await untilHeldAt(host, 'activation');
    const ends = async (words: readonly string[]) => {
      const end = await flurry(lease, [...words, host.name], { cwd: flake.directory });
      return [end.result(host.name).verdict, end.result(host.name).code, end.code];
    };
    assert.deepEqual(
      [await ends(['plan']), await ends(['deploy'])],
      [
        ['refused', 'locked', 1],
        ['refused', 'locked', 1],
      ],
    );
    await letGo(host, 'activation');
    assert.equal((await other.ended).result(host.name).verdict, 'promoted');
  }),
);

test(
  'what is built here is planned as what the host builds, and the deployment does not build it again',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const how = { cwd: flake.directory, environment: buildsHere };
    const run = await flurry(lease, [host.name, '--dry-run', '--build-on', 'local'], how);
    const [plan] = run.events.flatMap((event) => (event.event === 'plan' ? [event] : []));
    assert.deepEqual([plan?.verdict, plan?.units?.started, run.code], ['promoted', ['own.service'], 0], run.tail);
    assert.equal(plan?.toplevel, await flake.toplevel(host.name));
  }),
);
