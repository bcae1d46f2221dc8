import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { commandsIn } from '../report/github-runner.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { startFlurry } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 2 -- …' };

test(
  'a job of GitHub or GitLab shows two hosts apart, one promoted and one rolled back, and --log-dir keeps all of both (two deployments: 20 s and more)',
  options,
  withHosts(2, async (lease) => {
    const [good, bad] = lease.hosts;
    assert.ok(good && bad);
    const failing = 'systemd.services.broken = { wantedBy = [ "multi-user.target" ]; script = "exit 1"; };';
    const flake = await flakeFixture(lease.directory, { [good.name]: service('fine'), [bad.name]: failing });
    const logs = join(lease.directory, 'logs');
    const run = async (environment: Readonly<Record<string, string>>) =>
      await startFlurry(lease, [good.name, bad.name, '--log-dir', logs], {
        cwd: flake.directory,
        environment: { ...environment, CI: 'true', NO_COLOR: '1' },
      }).ended;

    const github = await run({ GITHUB_ACTIONS: 'true' });
    assert.equal(github.code, 1, github.tail);
    assert.deepEqual(
      commandsIn(github.stderr).map(({ name, properties, data }) => [name, properties['title'] ?? data.slice(0, 24)]),
      [
        ['group', `${good.name} | ✓ PROMOTED after `.slice(0, 24)],
        ['endgroup', ''],
        ['group', `${bad.name} | ! ROLLED BACK after `.slice(0, 24)],
        ['endgroup', ''],
        ['error', `${bad.name} ROLLED BACK; it was changed, and runs again what it ran before`],
      ],
      github.stderr,
    );
    assert.deepEqual(commandsIn(github.stdout), []);
    assert.match(github.stdout, new RegExp(`\\n  its whole log: ${logs}/[^/]+/${bad.name}\\.log\\n`));
    const latest = join(logs, 'latest');
    assert.deepEqual(
      readdirSync(latest).toSorted(),
      [`${good.name}.log`, `${bad.name}.log`, 'events.jsonl'].toSorted(),
    );
    const log = readFileSync(join(latest, `${bad.name}.log`), 'utf8');
    assert.match(log, /Z · ssh configuration: /);
    assert.match(log, /Z · asked for /);
    assert.match(log, /Z test: .*broken\.service/);
    assert.match(log, /Z ! ROLLED BACK after .*\n.*Z {3}runs \/nix\/store\//);

    const gitlab = await run({ GITLAB_CI: 'true' });
    assert.equal(gitlab.code, 1, gitlab.tail);
    const marks =
      gitlab.stderr.match(/section_(?:start|end):\d+:flurry_\d+_\d(?:\[collapsed=true\])?\r\u001b\[0K/g) ?? [];
    assert.equal(marks.length, 4, gitlab.stderr);
    assert.equal(marks.filter((mark) => mark.includes('collapsed')).length, 1);
    assert.equal(readdirSync(logs).length, 3);
  }),
);
