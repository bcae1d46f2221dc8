import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { notData } from '../../src/core/not-data.ts';
import type { FlakeRelease } from '../../src/core/release.ts';
import { readOutputs } from '../../src/nix/outputs.ts';
import { pinOverride } from '../../src/nix/overrides.ts';
import { takeSnapshot } from '../../src/nix/snapshot.ts';
import { flake, nix, oddNames, problemFrom, repository, soon, tree, withoutNix } from './flake-trees.ts';

const release = async (reference: string, overrides: FlakeRelease['overrides'] = []): Promise<FlakeRelease> => ({
  kind: 'flake',
  snapshot: await takeSnapshot({ reference, nixArguments: [], signal: soon() }),
  overrides,
  inputs: [],
  nixArguments: [],
  configurations: [],
});
const request = async (reference: string) => ({ ...(await release(reference)), signal: soon() });
const outputs = (name: string, text: string): string =>
  `path:${tree(name, { 'flake.nix': `{ outputs = { self }: { ${text} }; }` })}`;

const configurationsOf = async (taken: Awaited<ReturnType<typeof request>>): Promise<readonly string[]> =>
  (await readOutputs(taken)).configurations;

describe('the configurations of a flake', { skip: withoutNix }, () => {
  test('are named in order', async () => {
    assert.deepEqual(await configurationsOf(await request(repository('two', { 'flake.nix': flake() }))), [
      'web1',
      'web2',
    ]);
  });

  test('are those of the snapshot, not of what the folder has become', async () => {
    const folder = repository('changed', { 'flake.nix': flake() });
    const taken = await request(folder);
    writeFileSync(join(folder, 'flake.nix'), 'no longer a flake');
    assert.deepEqual(await configurationsOf(taken), ['web1', 'web2']);
  });

  test('are found in a subdirectory, whose files may lie beside it', async () => {
    const text = '{ outputs = { self }: { nixosConfigurations = import ../hosts.nix; }; }';
    const folder = repository('below', { 'nix/flake.nix': text, 'hosts.nix': '{ web1 = { }; }' });
    assert.deepEqual(await configurationsOf(await request(join(folder, 'nix'))), ['web1']);
  });

  test('are listed though one of them is broken', async () => {
    const broken = outputs('broken-one', 'nixosConfigurations = { good = { }; bad = throw "broken"; };');
    assert.deepEqual(await configurationsOf(await request(broken)), ['bad', 'good']);
  });

  test('may have odd names', async () => {
    const set = oddNames.map((name) => `${JSON.stringify(name).replaceAll('$', '\\$')} = { };`).join(' ');
    const found = await configurationsOf(await request(outputs('odd', `nixosConfigurations = { ${set} };`)));
    assert.deepEqual(found, [...oddNames].sort());
  });

  test('are missed where there are none', async () => {
    for (const [name, text] of [
      ['without', ''],
      ['zero', 'nixosConfigurations = { };'],
    ] as const) {
      const reference = outputs(name, text);
      const problem = await problemFrom(configurationsOf(await request(reference)));
      assert.deepEqual(problem, { code: 'no-configurations', reference });
    }
  });

  test('that cannot be evaluated are told in the words of Nix, bounded and without control codes', async () => {
    const text = `nixosConfigurations = throw (builtins.concatStringsSep "\\n" (builtins.genList (n: "line \${toString n} \${builtins.fromJSON "\\"\\\\u001b[31m\\\\u0007\\""}") 5000));`;
    const problem = await problemFrom(configurationsOf(await request(outputs('long', text))));
    assert.ok(problem.code === 'flake-failed');
    assert.match(problem.said, /line 4999/);
    assert.ok(problem.said.split('\n').length <= 40);
    assert.doesNotMatch(problem.said, /[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('what is read of a flake with inputs', { skip: withoutNix }, () => {
  test('is of the locked one, or of the one that stands in for it', async () => {
    const dep = (name: string) => tree(name, { 'flake.nix': `{ outputs = { self }: { hosts = [ "${name}" ]; }; }` });
    const [locked, other] = [dep('locked-hosts'), dep('other-hosts')];
    const text = `{ inputs.dep.url = "path:${locked}"; outputs = { self, dep }: {
      nixosConfigurations = builtins.listToAttrs (map (name: { inherit name; value = { }; }) dep.hosts);
      flurry.defaults.tags = dep.hosts; }; }`;
    const folder = tree('with-input', { 'flake.nix': text });
    nix('flake', 'lock', `path:${folder}`);
    const seen = async (overrides: FlakeRelease['overrides'] = []) =>
      await readOutputs({ ...(await release(`path:${folder}`, overrides)), signal: soon() });
    assert.deepEqual(await seen(), {
      configurations: ['locked-hosts'],
      flurry: { defaults: { tags: ['locked-hosts'] } },
    });
    const override = await pinOverride({ input: 'dep', reference: `path:${other}`, nixArguments: [], signal: soon() });
    assert.deepEqual(await seen([override]), {
      configurations: ['other-hosts'],
      flurry: { defaults: { tags: ['other-hosts'] } },
    });
  });
});

describe('the output `flurry` of a flake', { skip: withoutNix }, () => {
  const flurryOf = async (text: string, name: string): Promise<unknown> =>
    (await readOutputs(await request(outputs(name, `nixosConfigurations.web1 = { }; ${text}`)))).flurry;

  test('is null where there is none, also where there is a package of that name', async () => {
    assert.equal(await flurryOf('', 'none'), null);
    assert.equal(await flurryOf('packages.x86_64-linux.flurry = { hosts = 1; };', 'package'), null);
  });

  test('is given as the data that it is', async () => {
    const text = 'flurry = { hosts.web1 = { port = 22; tags = [ "a" "b" ]; reboot = null; x = true; y = 1.5; }; };';
    assert.deepEqual(await flurryOf(text, 'data'), {
      hosts: { web1: { port: 22, tags: ['a', 'b'], reboot: null, x: true, y: 1.5 } },
    });
  });

  test('may be made of the configurations', async () => {
    const text = 'flurry.hosts = builtins.mapAttrs (name: _: { address = name; }) self.nixosConfigurations;';
    assert.deepEqual(await flurryOf(text, 'made'), { hosts: { web1: { address: 'web1' } } });
  });

  test('tells in its place what is no data, and what cannot be evaluated', async () => {
    const text = `flurry = {
      function = x: x; path = ./flake.nix; thrown = throw "no"; flake = self;
      package = { type = "derivation"; outPath = "/nix/store/x"; }; list = [ (x: x) 1 ];
    };`;
    assert.deepEqual(await flurryOf(text, 'odd-data'), {
      function: { [notData]: 'a function' },
      path: { [notData]: 'a path' },
      thrown: { [notData]: 'an error' },
      flake: { [notData]: 'a package or flake' },
      package: { [notData]: 'a package or flake' },
      list: [{ [notData]: 'a function' }, 1],
    });
    assert.deepEqual(await flurryOf('flurry = throw "no";', 'thrown'), { [notData]: 'an error' });
  });

  test('that holds an error which Nix lets nobody catch is told to be what cannot be evaluated', async () => {
    const problem = await problemFrom(flurryOf('flurry.hosts.web1.port = { }.prot;', 'uncaught'));
    assert.ok(problem.code === 'flake-failed');
    assert.deepEqual([problem.output, /attribute 'prot' missing/.test(problem.said)], ['flurry', true], problem.said);
    const elsewhere = outputs('uncaught-hosts', 'nixosConfigurations = { }.hosts; flurry.hosts.web1 = { };');
    const other = await problemFrom(configurationsOf(await request(elsewhere)));
    assert.ok(other.code === 'flake-failed');
    assert.equal(other.output, undefined);
  });
});
