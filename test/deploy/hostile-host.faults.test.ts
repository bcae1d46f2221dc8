import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { answersOddly, claimOf, memoryLimitMiB, oddShells } from './odd-shells.ts';
import { flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

for (const shell of oddShells.filter(({ telling }) => !telling)) test(claimOf(shell), options, answersOddly(shell));

test(
  'a build that prints control codes and a line of 5 MB: promoted, with no control code on the screen and little memory',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, {
      [host.name]: `${service('own')}
        system.extraSystemBuilderCmds = ''
          printf '\\033[2J\\033]0;title\\007\\033[31mred\\rover\\b\\n'
          head -c 5000000 /dev/zero | tr '\\0' x
          echo
        '';`,
    });
    const run = await flurryLines(lease, [host.name, '--verbose'], { cwd: flake.directory });
    assert.equal(run.code, 0, run.tail);
    assert.match(run.stderr, new RegExp(`^${host.name} \\| build: .*over\\\\x08`, 'm'));
    assert.doesNotMatch(run.stdout + run.stderr, /[^\n\P{Cc}]/u);
    assert.ok(run.peakMemoryMiB < memoryLimitMiB, `${run.peakMemoryMiB} MiB`);
  }),
);
