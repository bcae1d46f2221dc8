import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { main } from '../../src/cli/main.ts';
import { problemText } from '../../src/cli/tell.ts';
import { readFleet } from '../../src/config/fleet/read-fleet.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { readDeployRequest } from '../../src/config/read-request.ts';
import { notData } from '../../src/core/not-data.ts';
import { capturedWorld } from '../cli/captured-world.ts';
import { nix, tree, withoutNix } from '../nix/flake-trees.ts';
import { brokenSettings, configurations } from './broken-settings.ts';

/** Nix text of a flake with an output `flurry`. */
function flakeWith(flurry: string): string {
  const named = configurations.map((name) => `${name} = { };`).join(' ');
  return `{ outputs = { self }: { nixosConfigurations = { ${named} }; flurry = ${flurry}; }; }\n`;
}

async function flurry(directory: string, ...argv: readonly string[]) {
  const { world, stdout, stderr } = capturedWorld();
  const exitCode = await main([...argv, '-f', `path:${directory}`], world);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

/** What a deployment to all hosts of the flake says of what it cannot read. */
function saidOf(flurry: unknown, environment: Readonly<Record<string, string>> = {}): string {
  const settings = gatherSettings('deploy', new Map(), environment);
  const typed = { destinations: [], except: [], all: true, nixArguments: [], problems: [], settings };
  const request = readDeployRequest(typed, readFleet(flurry, configurations));
  return 'code' in request ? problemText(request) : '';
}

/** One problem a text, with its remedy; in the order of letters. */
function problemsIn(text: string): readonly string[] {
  return text.split(/^(?=flurry: )/m).sort();
}

describe('what cannot be read in the output `flurry`', { skip: withoutNix }, () => {
  const odd = `let odd = what: { "${notData}" = what; }; throw = _: odd "an error"; in`;
  const values: readonly unknown[] = JSON.parse(
    nix('eval', '--json', '--expr', `${odd} [\n${brokenSettings.map(([text]) => `{ ${asData(text)} }\n`).join('')}]`),
  );
  for (const [index, [text, said]] of brokenSettings.entries()) {
    test(`is told with its place, what is expected, what is found and what to do: ${text}`, () => {
      assert.equal(saidOf(values[index]), said);
    });
  }

  test(`is told all at once, whatever it is: ${brokenSettings.length} broken settings in one flake, exit 2, before any host`, async () => {
    const folder = tree('all-broken', {
      'flake.nix': flakeWith(`{\n${brokenSettings.map(([text]) => text).join('\n')}\n}`),
      'web1.pub': '',
      'check.sh': '',
    });
    const { exitCode, stdout, stderr } = await flurry(folder, 'deploy', '--all');
    assert.deepEqual(problemsIn(stderr), problemsIn(brokenSettings.map(([, said]) => said).join('')));
    assert.deepEqual([exitCode, stdout], [2, '']);
  });

  for (const [text, said] of wholes()) {
    test(`may be all of it: flurry = ${text}`, async () => {
      const folder = tree(`whole-${said.length}`, { 'flake.nix': flakeWith(text) });
      assert.deepEqual(await flurry(folder, 'deploy', 'web1', '@web'), { exitCode: 2, stdout: '', stderr: said });
    });
  }
});

function wholes(): readonly (readonly [string, string])[] {
  return [
    ['"web1"', 'flurry: flurry must be a set, found "web1"\n  like flurry.hosts.web1 = { address = "192.0.2.7"; }\n'],
    [
      '{ hosts = [ "web1" "web2" ]; }',
      'flurry: flurry.hosts must be a set, found [ "web1" "web2" ]\n  write flurry.hosts.web1 = { };\n',
    ],
    [
      '{ hosts = throw "none"; }',
      "flurry: flurry.hosts must be a set, found an error\n  this shows it: nix eval '.#flurry.hosts'\n",
    ],
  ];
}

/** The same for `nix eval --expr`, where what is no data would be none either. */
function asData(text: string): string {
  return text
    .replace(/\.\/[\w.]+/, '(odd "a path")')
    .replace(/\w+: "local"/, 'odd "a function"')
    .replace(/\{ type = "derivation"; [^}]*\}/, 'odd "a package or flake"');
}

test('a destination that means no host is told together with a setting that cannot be read', () => {
  const settings = gatherSettings('deploy', new Map(), {});
  const typed = { destinations: ['wbe1'], except: [], all: false, nixArguments: [], problems: [], settings };
  const request = readDeployRequest(typed, readFleet({ hosts: { web1: { port: '22' } } }, configurations));
  assert.ok('code' in request);
  assert.deepEqual(
    request.problems.map(({ argument }) => argument),
    ['flurry.hosts.web1.port', 'destination "wbe1"'],
  );
});

test('a host of which something cannot be read is still meant by its name, its pattern and its tags', () => {
  const said = { hosts: { web1: { tags: 'web', port: '22' } } };
  for (const word of ['web1', 'web*', '@web']) {
    const settings = gatherSettings('deploy', new Map(), {});
    const typed = { destinations: [word], except: [], all: false, nixArguments: [], problems: [], settings };
    const request = readDeployRequest(typed, readFleet(said, configurations));
    assert.ok('code' in request);
    assert.deepEqual(
      request.problems.map(({ argument }) => argument),
      ['flurry.hosts.web1.port', 'flurry.hosts.web1.tags'],
    );
  }
});

test('no rule judges by a setting that cannot be read, unless something else holds in its place', () => {
  const host = { limits: { confirmTimeout: '20m', confirmCap: 30 } };
  const broken =
    'flurry: flurry.hosts.web1.limits.confirmCap must be a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m, found 30\n' +
    '  did you mean "30s"?\n';
  assert.equal(saidOf({ hosts: { web1: host } }), broken);
  assert.equal(
    saidOf({ hosts: { web1: host } }, { FLURRY_CONFIRM_CAP: '10m' }),
    `${broken}flurry: FLURRY_CONFIRM_CAP must be at least flurry.hosts.web1.limits.confirmTimeout, 20 min, found "10 min"\n` +
      '  add --confirm-cap 20m, or more\n',
  );
});

test('what is said for all hosts and goes not together is told once', () => {
  const defaults = { allOrNothing: true, reboot: 'always', unattendedBoot: true };
  assert.equal(
    saidOf({ defaults, hosts: { web1: {}, web2: {} } }),
    'flurry: flurry.defaults.reboot must be never together with flurry.defaults.allOrNothing, found "always"\n' +
      '  leave one of the two away: what first runs behind a reboot cannot be taken back on all hosts at once\n',
  );
});

test('a flag mends for one run what the flake leaves out', () => {
  const settings = gatherSettings('deploy', new Map([['unattendedBoot', true]]), {});
  const typed = { destinations: ['web1'], except: [], all: false, nixArguments: [], problems: [], settings };
  const request = readDeployRequest(typed, readFleet({ hosts: { web1: { reboot: 'if-needed' } } }, configurations));
  assert.ok(!('code' in request));
  assert.deepEqual(
    request.hosts.map(({ reboots }) => reboots.reboot),
    ['if-needed'],
  );
});
