import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { deploymentOf, journalOf, linesIn, phasesIn, untilPhase } from './attached.ts';
import { flakeFixture, heldBuild, releaseBuild, service } from './flake-fixture.ts';
import { heldOnTheWay, holdAt, letGo, untilHeldAt } from './held-on-the-way.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { flurryOnTerminal } from './on-terminal.ts';
import { flurry, flurryLines, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'a power cut in the middle: status tells what was cut off, attach shows its log from before and has it judged',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const deploy = flurryOnTerminal(lease, ['--confirm', 'ask', host.name], { cwd: flake.directory });
    await deploy.untilShown('keep the new system? [y/N] ');
    deploy.kill('SIGKILL');
    await deploy.ended;
    // The journal is written out now and then; what a power cut takes of it is not what this is about.
    await host.inside('journalctl --sync');
    await host.hardStop();
    await host.start();
    await assertRunsAndBoots(host, lease.baseToplevel);

    const status = await flurryLines(lease, ['status', host.name]);
    const told = new RegExp(`^! ${host.name} was rebooted in the middle of deployment (\\S+) by \\S+, .* ago$`, 'm');
    const [, id = ''] = told.exec(status.stdout) ?? [];
    assert.match(status.stdout, new RegExp(`^ {4}flurry attach ${host.name} ${id} --ssh-config `, 'm'), status.tail);

    const attach = await flurry(lease, ['attach', host.name, id]);
    const { verdict, code } = attach.result(host.name);
    assert.deepEqual([attach.code, verdict, code], [1, 'rolled-back', 'ended-by-reboot'], attach.tail);
    const lines = attach.events.flatMap((event) => (event.event === 'log' ? [event.line] : []));
    assert.ok(
      lines.some((line) => /new units were started: own/.test(line)),
      attach.tail,
    );
    assert.ok(attach.events.some((event) => event.event === 'note' && /rebooted meanwhile/.test(event.message)));
    const again = await flurryLines(lease, ['status', host.name]);
    assert.doesNotMatch(again.stdout, /^!/m);
    assert.match(again.stdout, /ROLLED BACK/);
  }),
);

test(
  'cut off while attached: it says so, comes back, and shows each line once, to the verdict',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldOnTheWay}` });
    await holdAt(host, 'activation');
    // Two coordinators are cut off here, the one that confirms included.
    const deploy = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await untilHeldAt(host, 'activation');
    const attach = startFlurry(lease, ['-o', 'json', 'attach', host.name, '--answer-timeout', '5s']);
    await attach.until('it tests', (event) => event.event === 'phase-started' && event.phase === 'test');
    await host.cutNetwork();
    await attach.until('it is out of reach', (event) => event.event === 'out-of-reach');
    await letGo(host, 'activation');
    await host.mendNetwork();
    await attach.until('it is reached again', (event) => event.event === 'reached-again');
    const [end, deployed] = await Promise.all([attach.ended, deploy.ended]);
    assert.equal(deployed.result(host.name).verdict, 'promoted', deployed.tail);
    assert.deepEqual([end.code, end.result(host.name).verdict], [0, 'promoted'], end.tail);
    const { stdout } = await host.inside('journalctl --sync; journalctl --quiet -o cat -t "flurry-$1"', [
      deployed.events.flatMap((event) => (event.event === 'run-started' ? [event.deployment ?? ''] : []))[0] ?? '',
    ]);
    const printed = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('flurry: log complete'));
    const lines = end.events.flatMap((event) => (event.event === 'log' && event.line !== '' ? [event.line] : []));
    assert.deepEqual(lines, printed);
  }),
);

test(
  'attached to while it builds, a deployment is followed through to its promotion; attached to later, it tells so again; one whose build fails is told as that, with its log',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: `${service('own')} ${heldOnTheWay}` });
    const toplevel = await flake.toplevel(host.name);
    await holdAt(host, 'build');
    const deploy = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await untilHeldAt(host, 'build');
    const attached = startFlurry(lease, ['-o', 'json', 'attach', host.name]);
    await untilPhase(attached, 'build');
    await letGo(host, 'build');
    const [end, deployed] = await Promise.all([attached.ended, deploy.ended]);
    assert.equal(deployed.result(host.name).verdict, 'promoted', deployed.tail);
    const { verdict, running, bootDefault } = end.result(host.name);
    assert.deepEqual([end.code, verdict, running, bootDefault], [0, 'promoted', toplevel, toplevel], end.tail);
    const printed = await journalOf(host, await deploymentOf(deploy));
    assert.deepEqual(linesIn(end), printed);
    // It may have been quicker through the first of them than anybody could look.
    assert.equal(phasesIn(end)[0], 'connect ok');
    assert.ok(phasesIn(end).includes('build ok'), end.tail);
    assert.equal(phasesIn(end).at(-1), 'promote ok');

    const later = await flurry(lease, ['attach', host.name]);
    assert.deepEqual([later.code, later.result(host.name).verdict], [0, 'promoted'], later.tail);
    assert.deepEqual(linesIn(later), printed);

    await flake.change(host.name, `${service('own', '2')} ${heldBuild.replace('done', 'done; exit 7')}`);
    const broken = startFlurry(lease, ['-o', 'json', host.name], { cwd: flake.directory });
    await host.waitUntil('the builder runs', 'pgrep -f "[t]oplevel.sh"', 60_000);
    const beside = startFlurry(lease, ['-o', 'json', 'attach', host.name]);
    await untilPhase(beside, 'build');
    await releaseBuild(host);
    const [failed, alike] = await Promise.all([broken.ended, beside.ended]);
    const [ofDeploy, ofAttach] = [failed.result(host.name), alike.result(host.name)];
    assert.deepEqual(
      [alike.code, ofAttach.verdict, ofAttach.code, ofAttach.reason],
      [1, 'failed', 'build-failed', ofDeploy.reason],
      alike.tail,
    );
    await assertRunsAndBoots(host, toplevel);
  }),
);
