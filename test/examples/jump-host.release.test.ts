import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNothingLeft, assertRunsAndBoots } from '../deploy/host-claims.ts';
import { fleetAvailable } from '../fleet/fleet.ts';
import { withExample } from './example.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 3 -- …' };
const hosts = ['bastion', 'web1', 'db1'];

test(
  'the example jump-host: hosts that only the bastion knows are deployed through it, in one run with it; with a new kernel it reboots last (90 s: nine transactions, three reboots)',
  options,
  withExample(
    'jump-host',
    hosts,
    async (example) => {
      const bastion = example.host('bastion');
      const inner = [example.host('web1'), example.host('db1')];
      const before = 'echo "$1 web1.internal" >>/etc/hosts; echo "$2 db1.internal" >>/etc/hosts';
      await bastion.inside(
        before,
        inner.map(({ address }) => address),
      );

      const looked = await example.run('flurry check --ssh-config ssh_config bastion web1 db1');
      assert.equal(looked.code, 0, looked.stderr);
      const first = await example.run('flurry --ssh-config ssh_config bastion web1 db1');
      assert.equal(first.code, 0, first.stderr);
      for (const [name, host] of example.names) await assertRunsAndBoots(host, await example.toplevel(name));
      for (const host of inner) {
        const { stdout } = await host.inside(
          'journalctl -b -u ssh.service -o cat | sed -n "s/^Accepted publickey for root from \\([^ ]*\\) .*/\\1/p" | tail -n 3',
        );
        assert.equal(
          stdout,
          `${bastion.address}\n`.repeat(3),
          'looked at, deployed, confirmed: all through the bastion',
        );
      }

      await example.edit('hosts/common.nix', 'imports = [ ];', 'imports = [ { shaped.kernelVersion = "6.18.1"; } ];');
      const events = await example.events('flurry --ssh-config ssh_config bastion web1 db1 --reboot if-needed');
      const last = events.at(-1);
      assert.equal(last?.event === 'result' && last.exitCode, 0, JSON.stringify(last));
      const reboots = events.flatMap((event) =>
        event.event === 'phase-started' && event.phase === 'reboot' ? [event.host] : [],
      );
      assert.deepEqual(reboots.toSorted(), hosts.toSorted());
      assert.equal(reboots.at(-1), 'bastion');
      for (const [name, host] of example.names) {
        const toplevel = await example.toplevel(name);
        await assertRunsAndBoots(host, toplevel);
        assert.equal((await host.facts()).booted, toplevel);
        await assertNothingLeft(host);
      }
    },
    {
      found: { 'bastion.example.org': 'bastion' },
      known: { 'bastion.example.org': 'bastion', 'web1.internal': 'web1', 'db1.internal': 'db1' },
    },
  ),
);
