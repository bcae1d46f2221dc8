import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { addDeployUser, allowDoas, allowRun0, allowSudo } from './deploy-user.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingLeft, assertRunsAndBoots } from './host-claims.ts';
import { printedRules } from './printed-rules.ts';
import { type FlurryEnd, flurry, startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

const transports = [
  { by: 'by the built-in transport', words: ['--transport', 'builtin'] },
  { by: "by the system's OpenSSH", words: ['--transport', 'openssh'] },
] as const;

for (const { by, words } of transports) {
  test(
    `an untrusted user promotes and rolls back by sudo with a password, ${by}; it is seen nowhere: in no process, environment, journal, file, log or event, here or there`,
    options,
    sudoWithPassword(words),
  );
}

test(
  'an untrusted user promotes and rolls back by doas, with the rule that flurry --help privilege prints',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await addDeployUser(host);
    await allowDoas(host, (await printedRules()).doasConf);
    await promoteAndRollBack(lease, host, ['--elevate', 'doas']);
  }),
);

test(
  'an untrusted user promotes and rolls back by run0, with the polkit rule that flurry --help privilege prints',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    await addDeployUser(host);
    await allowRun0(host, (await printedRules()).polkitRules);
    await promoteAndRollBack(lease, host, ['--elevate', 'run0']);
  }),
);

test(
  'with the sudo rule that flurry --help privilege prints, an untrusted user promotes, and rolls back',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const { sudoers } = await printedRules();
    assert.equal(sudoers, 'deploy     ALL=(ALL:ALL)    NOPASSWD: ALL\n');
    await addDeployUser(host);
    await allowSudo(host, sudoers);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const run = await flurry(lease, [`deploy@${host.name}`], { cwd: flake.directory });
    assert.deepEqual([run.code, run.result(host.name).verdict], [0, 'promoted'], run.tail);
    await assertRunsAndBoots(host, await flake.toplevel(host.name));

    const back = await flurry(lease, ['rollback', `deploy@${host.name}`]);
    assert.deepEqual([back.code, back.result(host.name).verdict], [0, 'promoted'], back.tail);
    await assertRunsAndBoots(host, lease.baseToplevel);
    await assertNothingLeft(host);
  }),
);

function sudoWithPassword(words: readonly string[]): () => Promise<void> {
  return withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const password = `${randomBytes(9).toString('hex')} "$(id)" ü`;
    const secret = password.slice(0, 18);
    await addDeployUser(host);
    await allowSudo(host, 'deploy ALL=(ALL:ALL) ALL\n', password);
    await writeFile(join(lease.directory, 'password'), `${password}\n`, { mode: 0o600 });
    const search = await searchOn(host, secret);
    const here = searchHere(secret);
    const runs = await promoteAndRollBack(lease, host, ['-v', '--elevate-password-file', 'password', ...words]);
    assert.deepEqual([here.stop(), await search.found()], [[], '']);
    for (const { stdout, stderr } of runs) assert.ok(!`${stdout}${stderr}`.includes(secret), 'it was printed');
  });
}

async function promoteAndRollBack(
  lease: Lease,
  host: HostHandle,
  words: readonly string[],
): Promise<readonly FlurryEnd[]> {
  const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
  const destination = `deploy@${host.name}`;
  const run = (...argv: readonly string[]) => startFlurry(lease, ['-o', 'json', ...argv, ...words]).ended;
  const forth = await run(destination, '-f', flake.directory);
  assert.deepEqual([forth.code, forth.result(host.name).verdict], [0, 'promoted'], forth.tail);
  await assertRunsAndBoots(host, await flake.toplevel(host.name));
  const back = await run('rollback', destination);
  assert.deepEqual([back.code, back.result(host.name).verdict], [0, 'promoted'], back.tail);
  await assertRunsAndBoots(host, lease.baseToplevel);
  await assertNothingLeft(host);
  return [forth, back];
}

/** Looks at every process's arguments and environment on the host again and again; at the end at its journal and files. */
async function searchOn(host: HostHandle, secret: string) {
  await host.inside('umask 077; mkdir /run/search; cat >/run/search/for', [], { input: `${secret}\n` });
  await host.inside(`systemd-run --quiet --unit=fleet-search --collect sh -c '
    while sleep 0.02; do
      cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n" | grep -aFf /run/search/for >>/run/search/found
      : >>/run/search/looked
    done'`);
  return {
    async found(): Promise<string> {
      const { stdout } = await host.inside(
        `
        systemctl stop fleet-search.service
        test -e /run/search/looked || echo it never looked
        cat /run/search/found
        journalctl --no-pager --output=export | grep -aFf /run/search/for
        grep -raFlf /run/search/for /etc /var/log /var/lib /run /home /root /tmp --exclude-dir=search 2>/dev/null`,
        [],
        { allowFailure: true },
      );
      return stdout;
    },
  };
}

/** The same of all processes on this machine, as far as they live long enough. */
function searchHere(secret: string) {
  const found = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      for (const what of ['cmdline', 'environ']) {
        if (textOf(`/proc/${pid}/${what}`).includes(secret)) found.add(`/proc/${pid}/${what}`);
      }
    }
  }, 20);
  return {
    stop(): readonly string[] {
      clearInterval(timer);
      return [...found];
    },
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
