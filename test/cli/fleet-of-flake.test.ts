import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { fleetFor } from '../../src/cli/fleet-of-flake.ts';
import { main } from '../../src/cli/main.ts';
import { gatherSettings } from '../../src/config/given.ts';
import type { Verb } from '../../src/config/option.ts';
import { selectHosts } from '../../src/config/selection.ts';
import { nix } from '../nix/flake-trees.ts';
import { capturedWorld } from './captured-world.ts';
import { skipWithout } from './skip-without.ts';

const skip = skipWithout('nix');
const root = realpathSync(mkdtempSync(join(tmpdir(), 'flurry-fleet-')));
const before = process.cwd();
after(() => rmSync(root, { recursive: true }));

/** Others' tests share the process. */
async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  process.chdir(folder);
  try {
    return await work();
  } finally {
    process.chdir(before);
  }
}

const flake = (name: string, text: string): string => {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'flake.nix'), text);
  return folder;
};
const outputs = (text: string): string => `{ outputs = { self }: { ${text} }; }\n`;

const declared = flake(
  'declared',
  outputs(`
    nixosConfigurations = { web1 = { }; postgres = { }; };
    flurry.hosts.web1 = { address = "192.0.2.11"; user = "deploy"; port = 2222; tags = [ "web" ]; };
    flurry.hosts.db1 = { address = "192.0.2.21"; configuration = "postgres"; };
  `),
);
const configurations = flake('configurations', outputs('nixosConfigurations = { web1 = { }; };'));
const program = flake('program', outputs('packages = { };'));
const broken = flake('broken', '{ outputs = { self }: { nixosConfigurations = { web1 = }; }; }\n');
// As where an input cannot be fetched: nothing catches it.
const silent = flake('silent', outputs('nixosConfigurations = abort "not here";'));
const naming = flake(
  'naming',
  outputs('nixosConfigurations = abort "not here"; flurry.hosts.web1.address = "192.0.2.11";'),
);
const wrong = flake('wrong', outputs('nixosConfigurations.web1 = { }; flurry.hosts.web1.adress = "192.0.2.11";'));
const unlocked = flake(
  'unlocked',
  '{ inputs.nixpkgs.url = "github:NixOS/nixpkgs"; outputs = { self, nixpkgs }: { }; }\n',
);
const bare = flake('bare', outputs('hosts.web1.address = "192.0.2.11";'));
const borrowed = flake('borrowed', outputs('hosts.web1.address = "192.0.2.99";'));
// Its hosts are told by an input, and by a variable, which pure evaluation does not see.
const overridden = flake(
  'overridden',
  `{ inputs.fleet.url = "path:${bare}"; outputs = { self, fleet }: {
    nixosConfigurations.web1 = { };
    flurry = { inherit (fleet) hosts; defaults.user = if builtins ? currentSystem then "impure" else "pure"; };
  }; }\n`,
);
if (skip === false) nix('flake', 'lock', `path:${overridden}`);
const nowhere = join(root, 'nowhere');
mkdirSync(nowhere);

const verbs = ['check', 'status', 'attach', 'rollback', 'confirm', 'abort'] as const;
const nobody = { code: 'bad-argument', argument: 'DEST', expected: 'given', found: '' } as const;

async function hostsOf(folder: string, verb: Exclude<Verb, 'deploy' | 'plan'>, ...words: readonly string[]) {
  const line = readCommandLine([verb, ...words]);
  const typed = { ...line, settings: gatherSettings(verb, line.flags, {}) };
  const fleet = await inFolder(folder, () => fleetFor(verb, typed, nobody, new AbortController().signal));
  const { selected, problems } = selectHosts(line, fleet);
  assert.deepEqual(problems, []);
  return selected.map(({ host: { address, user, port } }) => [address, user, port]);
}

for (const verb of verbs) {
  test(`${verb}: in the folder of a flake names, patterns and tags mean its hosts, with address, user and port`, {
    skip,
  }, async () => {
    for (const word of ['web1', '@web', 'web*']) {
      assert.deepEqual(await hostsOf(declared, verb, word), [['192.0.2.11', 'deploy', 2222]]);
    }
  });
}

test('a flake that was named counts, wherever one is', { skip }, async () => {
  assert.deepEqual(await hostsOf(configurations, 'attach', 'db1', '-f', declared), [
    ['192.0.2.21', undefined, undefined],
  ]);
  assert.deepEqual(await hostsOf(nowhere, 'attach', 'db1', '-f', declared), [['192.0.2.21', undefined, undefined]]);
});

test('a flake in a folder above counts, as for Nix', { skip }, async () => {
  mkdirSync(join(declared, 'below'));
  assert.deepEqual(await hostsOf(join(declared, 'below'), 'status', 'db1'), [['192.0.2.21', undefined, undefined]]);
});

for (const verb of [...verbs, 'history', 'list', 'config'] as const) {
  test(`${verb}: the flake is evaluated as a deployment evaluates it, with other inputs and impurely where that is asked for`, {
    skip,
  }, async () => {
    const how = ['--override-input', 'fleet', `path:${borrowed}`, '--impure'];
    if (verb === 'list' || verb === 'config') {
      const words = [verb, ...(verb === 'list' ? [] : ['show']), 'web1', '-o', 'json'];
      const { exitCode, stdout, stderr } = await flurry(overridden, [...words, ...how]);
      assert.deepEqual([exitCode, stdout.includes('192.0.2.99'), stdout.includes('"impure"')], [0, true, true], stderr);
      return;
    }
    assert.deepEqual(await hostsOf(overridden, verb, 'web1'), [['192.0.2.11', 'pure', undefined]]);
    assert.deepEqual(await hostsOf(overridden, verb, 'web1', ...how), [['192.0.2.99', 'impure', undefined]]);
  });
}

const plain = [['web1', undefined, undefined]];

test('without a flake, with --no-flake, and in the flake of some program, names are addresses', { skip }, async () => {
  assert.deepEqual(await hostsOf(nowhere, 'status', 'web1'), plain);
  assert.deepEqual(await hostsOf(declared, 'status', 'web1', '--no-flake'), plain);
  assert.deepEqual(await hostsOf(program, 'status', 'web1'), plain);
});

test('without a flake here no Nix is needed, nor with --no-flake', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    assert.deepEqual(await hostsOf(nowhere, 'abort', 'web1'), plain);
    assert.deepEqual(await hostsOf(broken, 'abort', 'web1', '--no-flake'), plain);
  } finally {
    process.env['PATH'] = path;
  }
});

async function flurry(folder: string, argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { world, stdout, stderr } = capturedWorld(environment);
  const exitCode = await inFolder(folder, () => main(argv, world));
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

const wayRound = (command: string): string =>
  'flurry: no host was touched: the flake is to tell which hosts are meant\n' +
  '  the hosts can be reached without it, by the names and addresses that ssh knows:\n' +
  `    ${command}\n`;

for (const verb of verbs) {
  test(`${verb}: a flake with a syntax error is exit 2, with the same command without it`, { skip }, async () => {
    const { exitCode, stdout, stderr } = await flurry(broken, [verb, 'root@web1', '--connect-timeout', '5s']);
    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.match(stderr, /^flurry: flake \. cannot be evaluated.*unexpected '}'/s);
    const command = `flurry ${verb} root@web1 --no-flake --connect-timeout 5s`;
    assert.ok(stderr.endsWith(wayRound(command)), stderr);
  });
}

test('a flake whose configurations cannot be evaluated hinders nobody where it says nothing of hosts', {
  skip,
}, async () => {
  assert.deepEqual(await hostsOf(silent, 'status', 'web1', 'root@192.0.2.7'), [
    ['web1', undefined, undefined],
    ['192.0.2.7', 'root', undefined],
  ]);
});

test('but one that names hosts does, and so does a word that only it could explain', { skip }, async () => {
  for (const [folder, words] of [
    [naming, ['web1']],
    [silent, ['web*']],
    [silent, ['web1', '--except', 'web2']],
    [silent, ['--all']],
  ] as const) {
    const { exitCode, stderr } = await flurry(folder, ['status', ...words]);
    assert.deepEqual([exitCode, /cannot be evaluated.*not here/s.test(stderr)], [2, true], stderr);
  }
});

test('a flake without its lock file, likewise, and nothing is fetched', { skip }, async () => {
  const { exitCode, stderr } = await flurry(unlocked, ['abort', 'web1', 'web2']);
  assert.equal(exitCode, 2);
  assert.match(
    stderr,
    /^flurry: flake \. is not fully locked \(nixpkgs\), so each host could resolve another nixpkgs\n/,
  );
  assert.ok(stderr.endsWith(wayRound('flurry abort web1 web2 --no-flake')), stderr);
});

test('a machine without Nix, likewise', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    const { exitCode, stderr } = await flurry(declared, ['confirm', 'web1']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^flurry: the program nix was not found on this machine \(looked in \/nowhere\)\n/);
    assert.ok(stderr.endsWith(wayRound('flurry confirm web1 --no-flake')), stderr);
  } finally {
    process.env['PATH'] = path;
  }
});

test('settings in the flake that cannot be used, likewise', { skip }, async () => {
  const { exitCode, stderr } = await flurry(wrong, ['abort', 'web1']);
  assert.equal(exitCode, 2);
  assert.match(
    stderr,
    /web1\.adress must be a setting that flurry knows, found none of that name\n {2}did you mean address\?\n/,
  );
  assert.ok(stderr.endsWith(wayRound('flurry abort web1 --no-flake')), stderr);
});

test('which hosts a selector means only the flake knows: the command names none; what was typed of the way there stays', {
  skip,
}, async () => {
  const words = ['attach', 'web1', '@web', '20261122T032143Z-4f2a', '--ssh-option', 'Port=23', '-f', broken];
  const { stderr } = await flurry(nowhere, words, { FLURRY_ELEVATE: 'doas' });
  const command = 'flurry attach HOST 20261122T032143Z-4f2a --no-flake --ssh-option Port=23 --elevate doas';
  assert.ok(stderr.endsWith(wayRound(command)), stderr);
});

test('a word that is wrong itself is told before the flake is read', { skip }, async () => {
  const { stderr } = await flurry(broken, ['abort', 'web 1']);
  assert.match(stderr, /^flurry: the host in destination "web 1" must be /);
  assert.ok(!stderr.includes('--no-flake'), stderr);
});

test('a deploy needs the flake: there is no way round', { skip }, async () => {
  const { exitCode, stderr } = await flurry(broken, ['web1']);
  assert.deepEqual([exitCode, stderr.includes('--no-flake')], [2, false]);
});
