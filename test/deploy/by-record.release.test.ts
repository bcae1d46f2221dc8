import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { countedLine } from '../bench/line.ts';
import type { Chunk } from '../bench/phases.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import { type FlakeFixture, flakeFixture, service } from './flake-fixture.ts';
import { type FlurryEnd, flurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };
const history = '/var/lib/flurry/history.jsonl';
const byRecord = 'runs and boots it already, by its record';
const wholeWay = ['connect', 'observe', 'copy', 'build'];

function phasesOf({ events }: FlurryEnd): readonly string[] {
  return events.flatMap((event) => (event.event === 'phase-started' ? [event.phase] : []));
}

/** What the host itself has of builds and of talks with its Nix daemon. */
async function workOf(host: HostHandle): Promise<string> {
  const { stdout } = await host.inside(
    'journalctl --sync; journalctl -q -o cat | grep -c -e "flurry-build-" -e "accepted connection from pid"; ls /nix/store | wc -l',
  );
  return stdout;
}

test(
  'what the record of a host tells is neither copied, evaluated nor built again, and whatever makes the record doubtful is (a dozen runs: 20 s and more)',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host !== undefined);
    const flake: FlakeFixture = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const run = (...words: readonly string[]): Promise<FlurryEnd> =>
      flurry(lease, [host.name, ...words], { cwd: flake.directory });
    const takesWholeWay = async (...words: readonly string[]): Promise<FlurryEnd> => {
      const end = await run(...words);
      assert.deepEqual(phasesOf(end).slice(0, 4), wholeWay, end.tail);
      return end;
    };
    const staysUnchanged = async (...words: readonly string[]): Promise<void> => {
      const { verdict, reason } = (await takesWholeWay(...words)).result(host.name);
      assert.deepEqual([verdict, reason], ['unchanged', 'runs and boots it already']);
    };
    const isShort = async (...words: readonly string[]): Promise<void> => {
      const end = await run(...words);
      const { verdict, reason } = end.result(host.name);
      assert.deepEqual([verdict, reason, phasesOf(end)], ['unchanged', byRecord, ['connect', 'observe']], end.tail);
    };

    assert.equal((await takesWholeWay()).result(host.name).verdict, 'promoted');
    const toplevel = await flake.toplevel(host.name);
    const before = await workOf(host);
    await isShort();
    await isShort('--goal', 'test');
    await isShort('--reboot', 'never', '--show-trace', '--option', 'cores', '2');
    assert.equal(await workOf(host), before);

    const planned = await flurry(lease, ['plan', host.name], { cwd: flake.directory });
    assert.deepEqual(phasesOf(planned), ['connect', 'observe']);
    const plan = planned.events.find((event) => event.event === 'plan');
    assert.deepEqual([plan?.verdict, plan?.toplevel], ['unchanged', toplevel]);
    assert.equal(await workOf(host), before);

    await staysUnchanged('--no-shortcut');
    assert.notEqual(await workOf(host), before, 'what is counted is counted');
    await staysUnchanged('--impure');
    await staysUnchanged('--option', 'pure-eval', 'false');

    // A record that was tampered with.
    await host.inside(`cp ${history} /root/history; sed -i 's/"narHash":"sha256-./"narHash":"sha256-_/' ${history}`);
    await staysUnchanged();
    await host.inside(`sed 's/"verdict":"promoted"/"verdict":"tested"/' /root/history >${history}`);
    await staysUnchanged();
    await host.inside(`grep -v ended /root/history >${history}`);
    await takesWholeWay();
    await host.inside(`cp /root/history ${history}; rm /root/history`);
    await isShort();

    // Another profile, and the whole way brings it back.
    await host.inside(`nix-env --profile /nix/var/nix/profiles/system --set ${lease.baseToplevel}`);
    assert.equal((await takesWholeWay()).result(host.name).verdict, 'promoted');
    await isShort();

    // Switched by hand.
    await host.inside(`${lease.baseToplevel}/bin/switch-to-configuration test`);
    assert.equal((await takesWholeWay()).result(host.name).verdict, 'promoted');
    await isShort();

    // A tree without a revision, and the same with one.
    await flake.change(host.name, service('own', '2'));
    assert.equal((await takesWholeWay()).result(host.name).verdict, 'promoted', 'a dirty tree');
    await staysUnchanged();
    await flake.commit();
    await takesWholeWay();
  }),
);

test(
  'one host: the phases, connections and questions of a deployment are those that docs/performance.md tells',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host !== undefined);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const rows: string[] = [];
    const count = async (what: string, ...words: readonly string[]): Promise<void> => {
      const before = (await host.facts()).sshAccepted;
      const end = await flurry(lease, [host.name, '-vv', ...words], { cwd: flake.directory });
      const connections = (await host.facts()).sshAccepted - before;
      rows.push(`| ${what} | ${connections} | ${questionsOf(end)} |`);
    };
    await count('one unit changed');
    await count('nothing to do, by the record');
    await count('nothing to do, `--no-shortcut`', '--no-shortcut');

    // Far enough away that what goes one way at a time is one turn.
    await using line = await countedLine(lease, { roundTripMs: 200 });
    const far = ['--ssh-config', line.sshConfig, host.name];
    const { events } = await flurry(lease, far, { cwd: flake.directory, bare: true });
    const verdict = events.find((event) => event.event === 'verdict');
    assert.equal(verdict?.verdict, 'unchanged');
    const trips = roundTrips(line.chunks, Date.parse(verdict.at));
    assert.ok(trips > 3 && trips <= 12, `${trips} round trips to the verdict of a host that has it already`);
    const page = new URL('../../docs/performance.md', import.meta.url);
    const text = await readFile(page, 'utf8');
    const marks = /(<!-- questions -->\n\n)([\s\S]*?)(\n\n<!-- \/questions -->)/;
    const table = [
      '| Deployment of one host | Connections | Questions, phase by phase |',
      '|---|---|---|',
      ...rows.toSorted(),
    ].join('\n');
    if (process.env['UPDATE_FIXTURES'] === '1') await writeFile(page, text.replace(marks, `$1${table}$3`));
    assert.equal(marks.exec(await readFile(page, 'utf8'))?.[2], table);
  }),
);

/** Of one connection until then: the one that opens it, and each time that it is our turn to send. */
function roundTrips(chunks: readonly Chunk[], until: number): number {
  const ways = chunks.filter(({ at }) => at <= until).map(({ way }) => way);
  return 1 + ways.filter((way, index) => way === 'up' && ways[index - 1] !== 'up').length;
}

/** How often something was asked in each phase; what follows the last one has none of its own. */
function questionsOf({ events }: FlurryEnd): string {
  const counted = new Map<string, number>();
  let phase = '';
  for (const event of events) {
    if (event.event === 'phase-started') phase = event.phase;
    if (event.event === 'phase-started' && !counted.has(phase)) counted.set(phase, 0);
    if (event.event !== 'detail' || !event.line.startsWith('asked for ')) continue;
    counted.set(phase, (counted.get(phase) ?? 0) + 1);
  }
  return [...counted].map(([name, times]) => `${name} ${times}`).join(', ');
}
