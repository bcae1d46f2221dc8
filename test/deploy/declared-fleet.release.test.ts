import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { addDeployUser, allowSudo } from './deploy-user.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertRunsAndBoots } from './host-claims.ts';
import { type FlurryEnd, flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

function verdictsOf(run: FlurryEnd): readonly string[] {
  const result = run.events.findLast((event) => event.event === 'result');
  return result?.event === 'result' ? result.hosts.map(({ host, verdict, code }) => `${host} ${verdict} ${code}`) : [];
}

/** Where each host was dialled, as the details say. */
function waysOf(run: FlurryEnd): readonly string[] {
  const lines = run.events.flatMap((event) => (event.event === 'detail' ? [`${event.host} ${event.line}`] : []));
  return lines.flatMap((line) => /^(\S+) ssh configuration: (\S+ port \d+);/.exec(line)?.slice(1).join(': ') ?? []);
}

test(
  'deploy, check, status, attach and rollback find the hosts of a flake by its address, user and port, named or selected (two deployments and a rollback: over 20 s)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await addDeployUser(host);
    await allowSudo(host, 'deploy ALL=(ALL) NOPASSWD: ALL\n');
    // ssh knows none of these names; nobody listens on port 2.
    const flake = await flakeFixture(
      lease.directory,
      { front: service('own', 'a') },
      {
        outputs: `flurry = {
        defaults.user = "deploy";
        hosts.front = { address = "${host.address}"; tags = [ "web" "live" ]; };
        hosts.back = { address = "${host.address}"; port = 2; configuration = "front"; tags = [ "web" ]; };
      };`,
      },
    );
    const run = (...words: readonly string[]) => flurry(lease, [...words, '-vv'], { cwd: flake.directory });
    const there = `front: deploy@${host.address} port 22`;

    const first = await flake.toplevel('front');
    for (const version of ['a', 'b']) {
      await flake.change('front', service('own', version));
      const deployed = await run('@web+@live');
      assert.deepEqual([verdictsOf(deployed), waysOf(deployed)[0]], [['front promoted null'], there], deployed.tail);
    }
    for (const [verb, word, verdict] of [
      ['check', 'fro*', 'front healthy null'],
      ['status', 'front', 'front seen null'],
      ['attach', '@live', 'front promoted null'],
    ] as const) {
      const looked = await run(verb, word);
      assert.deepEqual([verdictsOf(looked), waysOf(looked)[0]], [[verdict], there], looked.tail);
    }

    const both = await run('check', '--all');
    const ends = ['back unreachable connection-refused', 'front healthy null'];
    assert.deepEqual([both.code, [...verdictsOf(both)].sort()], [1, ends], both.tail);
    assert.ok(waysOf(both).includes(`back: deploy@${host.address} port 2`), both.tail);

    const back = await run('rollback', '@web', '--except', 'back');
    assert.deepEqual([verdictsOf(back), waysOf(back)[0]], [['front promoted null'], there], back.tail);
    await assertRunsAndBoots(host, first);

    const elsewhere = await flurryLines(lease, ['status', 'front']);
    assert.equal(elsewhere.code, 1, 'without the flake front is a name that ssh does not know');
  }),
);
