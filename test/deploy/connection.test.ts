import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinRelease, withInputs } from '../../src/cli/flake-release.ts';
import type { EventBody } from '../../src/core/event.ts';
import { explain } from '../../src/core/explain.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import type { Channel, Session } from '../../src/core/ports.ts';
import { FlurryError } from '../../src/core/problem.ts';
import { deployFleet } from '../../src/deploy/fleet.ts';
import { ask } from '../../src/host/ask.ts';
import { copyPaths } from '../../src/nix/copy.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import type { Lease } from '../fleet/lease.ts';
import { flakeFixture, service } from './flake-fixture.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };
const soon = (): AbortSignal => AbortSignal.timeout(30_000);

// Seen as `promoted` told as `failed`: sshd ended the connection with "server_input_channel_req: unknown channel 2".
test(
  'closing a remote program whose end has come, unread, leaves the connection alone',
  options,
  withHosts(1, async (lease) => {
    const session = await connected(lease);
    try {
      const program = await session.openShell('user', soon());
      program.stderr.resume();
      program.stdin.end('dd if=/dev/zero bs=1024 count=64 2>/dev/null; exit\n');
      await read(program, 1024);
      // What comes on the same connection behind the program's end: afterwards that end has come.
      await lease.hosts[0]?.waitUntil('the program has ended', '! pgrep -x dd', 10_000);
      assert.equal(await answer(session), 'here');
      assert.equal(await answer(session), 'here');
      program.close();
      assert.equal(await answer(session), 'here');
    } finally {
      await session.close();
    }
  }),
);

test(
  'a host that was promoted stays promoted when the connection is lost before its folder is tidied up, and tidies it itself',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const signal = AbortSignal.timeout(60_000);
    const reference = `git+file://${flake.directory}`;
    const pinned = await pinRelease({ reference, overrides: [], nixArguments: [], signal });
    const release = await withInputs(pinned, 'auto', signal);
    const limits = { ...defaultLimits, settleMs: 0 };
    const hostPlan = {
      host: { name: host.name, address: host.name },
      goal: 'promote',
      gates,
      limits,
      policies,
      reboots: { reboot: 'never', onInhibitor: 'refuse' },
      buildOn: 'target',
    } as const;
    const plan = {
      deploymentId: 'tidy',
      owner: 'test@here',
      release,
      hosts: [hostPlan],
      parallel: 1,
      parallelReboots: 1,
      parallelConnects: 1,
      parallelCopies: 1,
      parallelBuilds: 1,
      unreachable: 'fail',
    } as const;
    let promoted = false;
    const connect = sshConnect({ sshConfigFile: lease.sshConfig });
    const [result] = await deployFleet(plan, {
      connect: async (to, how) => lostWhen(await connect(to, how), () => promoted),
      emit: (event: EventBody) => {
        promoted ||= event.event === 'phase-ended' && event.phase === 'promote';
      },
      explain: (problem, name) => explain(problem, { host: name }),
      copyPaths,
      buildHere: async () => assert.fail('nothing is built here'),
      fetchInputs: async () => {},
      askPerson: async () => false,
      architectures: Promise.resolve(new Map()),
      signal,
    });
    assert.deepEqual([result?.verdict, result?.code], ['promoted', null]);
    assert.equal((await host.facts()).bootDefault, result?.bootDefault);
    await host.waitUntil('its folder is gone', '! test -e /run/flurry', 30_000);
  }),
);

const gates = { ignoreUnits: [], degraded: 'refuse' } as const;
const policies = {
  onUnitFailure: 'rollback',
  ifRollbackFails: 'hold',
  confirm: 'auto',
  together: 'each-alone',
} as const;

/** A session that is lost to every new question once `lost` says so. */
function lostWhen(session: Session, lost: () => boolean): Session {
  return {
    host: session.host,
    elevation: session.elevation,
    async openShell(shell, signal) {
      if (lost()) throw new FlurryError({ code: 'connection-lost', said: 'cut by the test' });
      return await session.openShell(shell, signal);
    },
    openSocket: (path, signal) => session.openSocket(path, signal),
    traffic: () => session.traffic(),
    close: () => session.close(),
  };
}

async function connected({ hosts, sshConfig }: Lease): Promise<Session> {
  const [host] = hosts;
  assert.ok(host);
  const connect = sshConnect({ sshConfigFile: sshConfig });
  return await connect({ name: host.name, address: host.name }, { timeoutMs: 10_000, signal: soon() });
}

async function answer(session: Session): Promise<string> {
  const question = { name: 'a word', script: 'echo here', arguments: [], shell: 'user', timeoutMs: 10_000 } as const;
  return await ask(session, question, soon());
}

/** Reads so many bytes at least, and leaves the rest unread. */
async function read(program: Channel, bytes: number): Promise<void> {
  let found = 0;
  await new Promise<void>((resolve) => {
    const take = (): void => {
      const chunk: unknown = program.stdout.read();
      if (chunk instanceof Buffer) found += chunk.length;
      if (found < bytes) return;
      program.stdout.off('readable', take);
      resolve();
    };
    program.stdout.on('readable', take);
    take();
  });
}
