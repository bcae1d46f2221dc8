import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownerHere } from '../../src/cli/owner.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { keyPair } from '../ssh/own-server.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { type FlurryEnd, flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

test(
  'a host that runs a newer revision is refused before anything is copied, a dirty tree by its commit, and goes back where that is allowed (three deployments)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const { name } = host;
    const flake = await flakeFixture(lease.directory, { [name]: service('app', '1') });
    const older = await flake.git('rev-parse', 'HEAD');
    await flake.change(name, service('app', '2'));
    const newer = await flake.commit();
    const run = (...words: readonly string[]) => flurry(lease, [name, '-f', flake.directory, ...words]);
    const first = await run();
    assert.equal(first.result(name).verdict, 'promoted', first.tail);
    const at = JSON.parse((await host.inside('head -n 1 /var/lib/flurry/history.jsonl')).stdout).at;

    await flake.git('checkout', '--quiet', older);
    const refused = await run();
    const its = `${name} runs revision ${newer.slice(0, 12)}, 1 commit ahead of`;
    const deployed = `${ownerHere()} deployed it ${at}; nothing was touched`;
    const { verdict, code, reason, remedy } = refused.result(name);
    assert.deepEqual(
      [verdict, code, reason],
      ['refused', 'would-downgrade', `${its} ${older.slice(0, 12)}; ${deployed}`],
      refused.tail,
    );
    assert.match(remedy ?? '', /^ {2}git -C \S+ log --oneline \w{12}\.\.\w{12}$/m);
    assert.match(remedy ?? '', new RegExp(`^  flurry ${name} .*--allow-downgrade`, 'm'));
    assert.equal(refused.code, 1);
    assert.ok(!phases(refused).includes('copy'), refused.tail);

    await flake.change(name, service('app', 'dirty'));
    const dirty = await run();
    assert.equal(dirty.result(name).reason, `${its} the commit of this dirty tree, ${older.slice(0, 12)}; ${deployed}`);

    await flake.git('checkout', '--quiet', '.');
    // Somebody else deploys something of which this repository knows nothing, and it is put back.
    await host.inside(
      `printf '%s\\n' '{"event":"begun","id":"bobs","at":"2026-11-29T10:00:00Z","by":"bob@ci","old":"/o","new":"/n","release":{"narHash":"x","rev":"${'c'.repeat(40)}"}}' '{"event":"ended","id":"bobs","at":"x","verdict":"rolled-back","facts":[]}' >>/var/lib/flurry/history.jsonl`,
    );
    const back = await run('--allow-downgrade');
    assert.equal(back.result(name).verdict, 'promoted', back.tail);
    assert.deepEqual(notes(back).slice(0, 2), [
      `since your last deployment there (${at}): revision cccccccccccc, deployed 2026-11-29T10:00:00Z by bob@ci: rolled-back`,
      `goes back by 1 commit: it runs revision ${newer.slice(0, 12)} of ${await day(newer)}, deployed ${at} by ${ownerHere()}: promoted, newer than ${older.slice(0, 12)} of ${await day(older)}`,
    ]);
    await flake.git('checkout', '--quiet', 'main');
    const forth = await run();
    assert.deepEqual([forth.result(name).verdict, notes(forth)], ['promoted', []], forth.tail);

    async function day(rev: string): Promise<string> {
      return new Date(Number(await flake.git('show', '--no-patch', '--format=%ct', rev)) * 1000)
        .toISOString()
        .slice(0, 10);
    }
  }),
);

test(
  'a host that the flake pins is reached without known_hosts; another key or machine is refused before anything is copied',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const { name, address, machineId } = host;
    const flake = await flakeFixture(lease.directory, { [name]: service('app') });
    const plain = await readFile(join(flake.directory, 'flake.nix'), 'utf8');
    const pin = async (settings: string): Promise<void> => {
      const hosts = `flurry.hosts.${name} = { address = "${address}"; user = "root"; ${settings} };`;
      await writeFile(join(flake.directory, 'flake.nix'), plain.replace('in {', `in {\n${hosts}`));
      await flake.commit();
    };
    const config = join(lease.directory, 'no-known-hosts');
    const nobody = ['UserKnownHostsFile /none', 'GlobalKnownHostsFile /none', 'StrictHostKeyChecking yes'];
    await writeFile(config, ['Host *', `IdentityFile ${lease.identity}`, ...nobody].join('\n  '));
    const run = (...words: readonly string[]) =>
      flurry(lease, [...words, name, '-f', flake.directory, '--ssh-config', config]);
    const key = (await host.inside('cut -d" " -f1,2 /etc/ssh/ssh_host_ed25519_key.pub')).stdout.trim();
    const pinned = `hostKeys = [ "${key}" ];`;

    await pin(`hostKeys = [ "ssh-ed25519 ${keyPair().blob.toString('base64')}" ];`);
    for (const transport of ['builtin', 'openssh']) {
      const other = await run('deploy', '--transport', transport);
      const { verdict, code } = other.result(name);
      assert.deepEqual([verdict, code, phases(other)], ['failed', 'host-key-not-pinned', ['connect']], other.tail);
    }
    assert.equal((await host.facts()).sshAccepted, 0);

    await pin(`${pinned} machineId = "${'0123'.repeat(8)}";`);
    const wrong = await run('deploy');
    const { verdict, code, reason } = wrong.result(name);
    assert.deepEqual([verdict, code, phases(wrong)], ['refused', 'wrong-machine', ['connect', 'observe']], wrong.tail);
    assert.equal(
      reason,
      `another machine answers as ${name}: its machine id is ${machineId}, and the flake pins ${'0123'.repeat(8)}; nothing was touched`,
    );
    for (const verb of ['check', 'status', 'rollback', 'attach', 'abort', 'confirm']) {
      const end = await run(verb);
      assert.deepEqual([verb, end.result(name).code], [verb, 'wrong-machine'], end.tail);
    }

    await pin(`${pinned} machineId = "${machineId}";`);
    for (const transport of ['builtin', 'openssh']) {
      const right = await run('check', '--transport', transport);
      assert.equal(right.result(name).verdict, 'healthy', right.tail);
    }
    const end = await run('deploy');
    assert.equal(end.result(name).verdict, 'promoted', end.tail);
  }),
);

function phases({ events }: FlurryEnd): readonly string[] {
  return events.flatMap((event) => (event.event === 'phase-started' ? [event.phase] : []));
}

function notes({ events }: FlurryEnd): readonly string[] {
  return events.flatMap((event) => (event.event === 'note' && event.phase === 'observe' ? [event.message] : []));
}
