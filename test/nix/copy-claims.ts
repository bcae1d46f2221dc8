import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Session } from '../../src/core/ports.ts';
import type { FlakeRelease } from '../../src/core/release.ts';
import { reachDaemon } from '../../src/host/daemon.ts';
import { copyPaths } from '../../src/nix/copy.ts';
import { hostArguments } from '../../src/nix/host-reference.ts';
import { pinOverride } from '../../src/nix/overrides.ts';
import { takeSnapshot } from '../../src/nix/snapshot.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import type { TransportName } from '../ssh/second-sshd.ts';
import { flake, nix, problemFrom, repository, root, soon, toplevel, tree, withoutNix } from './flake-trees.ts';

const skip = withoutNix || (fleetAvailable() ? false : 'no fleet of test hosts');

const isValid = async (host: HostHandle, path: string): Promise<boolean> =>
  (await host.inside('nix-store --check-validity "$1" 2>/dev/null && echo yes || echo no', [path])).stdout.trim() ===
  'yes';

/** Starts something that sends to the host, and waits until 200 kB of it have come in. */
async function underWay<T>(host: HostHandle, start: () => Promise<T>): Promise<Promise<T>[]> {
  const counter = "sed -n 's/^ *eth0: *//p' /proc/net/dev | cut -d' ' -f1";
  const before = (await host.inside(counter)).stdout.trim();
  const started = [start()];
  await host.waitUntil('bytes of the copy', `test "$(${counter})" -gt ${Number(before) + 200_000}`, 20_000);
  return started;
}

function source(name: string, bytes: number): string {
  mkdirSync(join(root, name));
  writeFileSync(join(root, name, 'data'), randomBytes(bytes));
  return nix('store', 'add-path', '--name', 'source', join(root, name)).trim();
}

/** What a copy must hold, whoever carries it to the host. */
export function copyClaims(transport: TransportName): void {
  test(
    `a host's derivations are the coordinator's: clean, dirty, in a subdirectory, with an overridden input (${transport})`,
    { skip },
    withHosts(1, (lease) =>
      withSession(transport, lease, async (_session, host, copy) => {
        const dep = tree('dep', { 'flake.nix': '{ outputs = _: { value = "one"; }; }' });
        const other = repository('other', { 'below/flake.nix': '{ outputs = _: { value = "two"; }; }' });
        const text = flake({ inputs: `inputs.dep.url = "path:./dep";`, extra: 'inputs.dep.value' });
        const clean = repository('clean', { 'flake.nix': flake({ extra: 'self.sourceInfo.narHash' }) });
        const dirty = repository('dirty', { 'flake.nix': flake() });
        appendFileSync(join(dirty, 'flake.nix'), '# changed');
        const below = repository('whole', {
          'nix/flake.nix': flake({ extra: 'import ../extra.nix' }),
          'extra.nix': '"x"',
        });
        const overridden = tree('overridden', { 'flake.nix': text.replace('path:./dep', `path:${dep}`) });
        nix('flake', 'lock', `path:${overridden}`);
        const override = await pinOverride({
          input: 'dep',
          reference: `${other}/below`,
          nixArguments: [],
          signal: soon(),
        });
        const cases = [
          { reference: clean, overrides: [], words: [] },
          { reference: dirty, overrides: [], words: [] },
          { reference: join(below, 'nix'), overrides: [], words: [] },
          {
            reference: `path:${overridden}`,
            overrides: [override],
            words: ['--override-input', 'dep', `${other}/below`],
          },
        ];
        for (const { reference, overrides, words } of cases) {
          const snapshot = await takeSnapshot({ reference, nixArguments: [], signal: soon() });
          const release: FlakeRelease = {
            kind: 'flake',
            snapshot,
            overrides,
            inputs: [],
            nixArguments: [],
            configurations: [],
          };
          await copy([snapshot.storePath, ...overrides.map((input) => input.storePath)]);
          const there = hostArguments(release, 'web1', '/run/registry.json');
          const script = `printf %s "$1" >/run/registry.json; shift
            exec nix --extra-experimental-features 'nix-command flakes' eval --raw "$@"`;
          const args = [there.registry ?? '', ...there.arguments, `${there.installable}.drvPath`];
          const here = `${reference}#${toplevel('web1')}.drvPath`;
          const expected = nix('eval', '--raw', '--no-write-lock-file', ...words, here);
          assert.equal((await host.inside(script, args)).stdout.trim(), expected, reference);
        }
      }),
    ),
  );

  // alice has no sudo: her copy goes through the forwarded socket, as root's does. (On Debian only a group may reach that,
  // on NixOS everybody.) bob may not reach it, but has sudo.
  for (const user of ['root', 'alice', 'bob'] as const) {
    test(
      `a source arrives at a host logged in to as ${user}, and a second copy costs little (${transport})`,
      { skip },
      withHosts(1, async (lease) => {
        const mode = user === 'alice' ? '755' : '770';
        await lease.hosts[0]?.inside('chmod "$1" /nix/var/nix/daemon-socket', [mode]);
        await withSession(
          transport,
          lease,
          async (session, host, copy) => {
            const path = source(`for-${user}`, 2_000_000);
            await copy([path]);
            assert.equal(await isValid(host, path), true);
            const before = session.traffic().sentBytes;
            await copy([path]);
            assert.ok(session.traffic().sentBytes - before < 20_000);
          },
          user,
        ).finally(() => lease.hosts[0]?.inside('chmod 770 /nix/var/nix/daemon-socket'));
      }),
    );
  }

  test(
    `a host that falls silent while it is copied to is stalled (${transport})`,
    { skip },
    withHosts(1, (lease) =>
      withSession(transport, lease, async (_session, host, copy) => {
        await host.slowLink('2mbit');
        const [copying] = await underWay(host, () => problemFrom(copy([source('silent', 5_000_000)])));
        await host.cutNetwork();
        assert.deepEqual(await copying, { code: 'copy-stalled', afterMs: 1500 });
        await host.mendNetwork();
      }),
    ),
  );

  test(
    `a daemon that dies while it is copied to makes the copy fail, and nothing half becomes valid (${transport})`,
    { skip },
    withHosts(1, (lease) =>
      withSession(transport, lease, async (_session, host, copy) => {
        await host.slowLink('2mbit');
        const path = source('dying', 5_000_000);
        const [copying] = await underWay(host, () => problemFrom(copy([path])));
        await host.inside('systemctl kill --signal=KILL nix-daemon.service');
        assert.equal((await copying)?.code, 'copy-failed');
        assert.equal(await isValid(host, path), false);
      }),
    ),
  );

  test(
    `a connection that goes away while it is copied over is told as lost (${transport})`,
    { skip },
    withHosts(1, (lease) =>
      withSession(transport, lease, async (_session, host, copy) => {
        await host.slowLink('2mbit');
        const path = source('losing', 5_000_000);
        const [copying] = await underWay(host, () => problemFrom(copy([path])));
        await host.inside('pkill -KILL sshd-session');
        assert.equal((await copying)?.code, 'connection-lost');
        assert.equal(await isValid(host, path), false);
      }),
    ),
  );
}

/** One leased host with a session to it; `copy` goes through that. */
async function withSession(
  transport: TransportName,
  lease: Lease,
  use: (session: Session, host: HostHandle, copy: (paths: readonly string[]) => Promise<void>) => Promise<void>,
  user: 'root' | 'alice' | 'bob' = 'root',
): Promise<void> {
  const [host] = lease.hosts;
  assert.ok(host);
  const connect = sshConnect({ sshConfigFile: lease.sshConfig, transport });
  const session = await connect({ name: host.name, address: host.name, user }, { timeoutMs: 15_000, signal: soon() });
  try {
    const openDaemon = await reachDaemon(session, user === 'alice' ? 'user' : 'root', soon());
    const common = { openDaemon, traffic: () => session.traffic(), signal: soon() };
    await use(session, host, (paths) => copyPaths({ ...common, paths, stallTimeoutMs: 1500 }));
  } finally {
    await session.close();
  }
}
