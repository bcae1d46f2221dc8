import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinRelease, withInputs } from '../../src/cli/flake-release.ts';
import type { EventBody } from '../../src/core/event.ts';
import { explain } from '../../src/core/explain.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import type { Session } from '../../src/core/ports.ts';
import { FlurryError } from '../../src/core/problem.ts';
import { deployFleet } from '../../src/deploy/fleet.ts';
import { copyPaths } from '../../src/nix/copy.ts';
import { sshConnect } from '../../src/ssh/connect.ts';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

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
      rollout: {
        kind: 'all-at-once',
        waves: [[host.name]],
        dependencies: [],
        unreachable: 'fail',
        maxFailures: { number: 0, unit: 'hosts' },
        pause: { kind: 'none' },
      },
      act: 'at-once',
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
      askToGo: async () => false,
      askToGoOn: async () => false,
      architectures: async () => new Map(),
      kinship: async () => ({ kind: 'unknown' as const }),
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
  onCheckFailure: 'rollback',
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
