import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FlakeRelease } from '../../src/core/release.ts';
import { architecturesOf, listConfigurations } from '../../src/nix/evaluation.ts';
import { hostArguments } from '../../src/nix/host-reference.ts';
import { pinOverride } from '../../src/nix/overrides.ts';
import { takeSnapshot } from '../../src/nix/snapshot.ts';
import { flake, nix, problemFrom, repository, root, soon, toplevel, tree, withoutNix } from './flake-trees.ts';

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

const oddNames = ['a.b', 'a b', 'ü', 'a#b', 'a?b', 'a%41', 'a^b', '', "a'b", `\${x}`, 'a\\b', '-x', 'a/b', '*', 'a\nb'];

describe('the configurations of a flake', { skip: withoutNix }, () => {
  test('are named in order', async () => {
    assert.deepEqual(await listConfigurations(await request(repository('two', { 'flake.nix': flake() }))), [
      'web1',
      'web2',
    ]);
  });

  test('are those of the snapshot, not of what the folder has become', async () => {
    const folder = repository('changed', { 'flake.nix': flake() });
    const taken = await request(folder);
    writeFileSync(join(folder, 'flake.nix'), 'no longer a flake');
    assert.deepEqual(await listConfigurations(taken), ['web1', 'web2']);
  });

  test('are found in a subdirectory, whose files may lie beside it', async () => {
    const text = '{ outputs = { self }: { nixosConfigurations = import ../hosts.nix; }; }';
    const folder = repository('below', { 'nix/flake.nix': text, 'hosts.nix': '{ web1 = { }; }' });
    assert.deepEqual(await listConfigurations(await request(join(folder, 'nix'))), ['web1']);
  });

  test('are listed though one of them is broken', async () => {
    const broken = outputs('broken-one', 'nixosConfigurations = { good = { }; bad = throw "broken"; };');
    assert.deepEqual(await listConfigurations(await request(broken)), ['bad', 'good']);
  });

  test('may have odd names', async () => {
    const set = oddNames.map((name) => `${JSON.stringify(name).replaceAll('$', '\\$')} = { };`).join(' ');
    const found = await listConfigurations(await request(outputs('odd', `nixosConfigurations = { ${set} };`)));
    assert.deepEqual(found, [...oddNames].sort());
  });

  test('are missed where there are none', async () => {
    for (const [name, text] of [
      ['without', ''],
      ['zero', 'nixosConfigurations = { };'],
    ] as const) {
      const reference = outputs(name, text);
      const problem = await problemFrom(listConfigurations(await request(reference)));
      assert.deepEqual(problem, { code: 'no-configurations', reference });
    }
  });

  test('that cannot be evaluated are told in the words of Nix, bounded and without control codes', async () => {
    const text = `nixosConfigurations = throw (builtins.concatStringsSep "\\n" (builtins.genList (n: "line \${toString n} \${builtins.fromJSON "\\"\\\\u001b[31m\\\\u0007\\""}") 5000));`;
    const problem = await problemFrom(listConfigurations(await request(outputs('long', text))));
    assert.ok(problem.code === 'flake-failed');
    assert.match(problem.said, /line 4999/);
    assert.ok(problem.said.split('\n').length <= 40);
    assert.doesNotMatch(problem.said, /[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('the platforms of configurations', { skip: withoutNix }, () => {
  const x86 = '"x86_64-linux"';
  const sources = outputs(
    'platforms',
    `nixosConfigurations = {
      option.config.nixpkgs.hostPlatform.system = ${x86};
      packages = { config.nixpkgs.hostPlatform = throw "not set"; pkgs.stdenv.hostPlatform.system = "aarch64-linux"; };
      built.config.system.build.toplevel.system = "riscv64-linux";
      thrown = throw "broken";
      unknown = { };
      "\\\${x}\\"\\\\".config.nixpkgs.hostPlatform.system = ${x86};
    };`,
  );

  test('are taken from the first place that tells', async () => {
    const names = ['option', 'packages', 'built', 'thrown', 'unknown', 'missing', `\${x}"\\`];
    const expected = [
      [`\${x}"\\`, 'x86_64-linux'],
      ['built', 'riscv64-linux'],
      ['option', 'x86_64-linux'],
      ['packages', 'aarch64-linux'],
    ];
    assert.deepEqual([...(await architecturesOf({ ...(await request(sources)), names }))].sort(), expected);
  });

  test('are unknown, without an error, where the flake cannot be evaluated', async () => {
    const aborting = await request(outputs('aborting', 'nixosConfigurations.web1 = abort "no";'));
    assert.deepEqual(await architecturesOf({ ...aborting, names: ['web1'] }), new Map());
    const stopped = { ...aborting, names: ['web1'], signal: AbortSignal.abort() };
    assert.deepEqual(await architecturesOf(stopped), new Map());
  });
});

describe('what a host evaluates', { skip: withoutNix }, () => {
  const registry = join(root, 'host-registry.json');
  const onHost = (of: FlakeRelease, name: string): string => {
    const host = hostArguments(of, name, registry);
    if (host.registry !== undefined) writeFileSync(registry, host.registry);
    return nix('eval', '--raw', ...host.arguments, `${host.installable}.drvPath`);
  };
  const here = (reference: string, ...words: readonly string[]): string =>
    nix('eval', '--raw', '--no-write-lock-file', ...words, `${reference}#${toplevel('web1')}.drvPath`);
  const dep = '{ outputs = _: { value = "one"; }; }';
  const withDep = (path: string): string =>
    flake({ inputs: `inputs.dep.url = "path:${path}";`, extra: 'inputs.dep.value' });

  test('is the same derivation as that of a clean repository', async () => {
    const folder = repository('same', { 'flake.nix': flake() });
    assert.equal(onHost(await release(folder), 'web1'), here(folder));
  });

  test('is the same derivation as that of a dirty repository', async () => {
    const folder = repository('same-dirty', { 'flake.nix': flake() });
    appendFileSync(join(folder, 'flake.nix'), '# changed');
    assert.equal(onHost(await release(folder), 'web1'), here(folder));
  });

  test('is the same derivation as that of a subdirectory, clean and dirty', async () => {
    const folder = repository('same-below', {
      'nix/hosts/flake.nix': flake({ extra: '[ (import ../extra.nix) self.outPath ]' }),
      'nix/extra.nix': '"x"',
    });
    const below = join(folder, 'nix/hosts');
    assert.equal(onHost(await release(below), 'web1'), here(below));
    appendFileSync(join(folder, 'nix/extra.nix'), '# changed');
    assert.equal(onHost(await release(below), 'web1'), here(below));
  });

  test('has an overridden input as the coordinator fetched it, from a folder or a subdirectory', async () => {
    const first = tree('first', { 'flake.nix': dep });
    const second = repository('second', {
      'flake.nix': dep.replace('one', 'two'),
      'below/flake.nix': dep.replace('one', 'three'),
    });
    const folder = tree('overridden', { 'flake.nix': withDep(first) });
    nix('flake', 'lock', `path:${folder}`);
    const seen = [onHost(await release(`path:${folder}`), 'web1')];
    for (const reference of [second, `${second}/below`]) {
      const override = await pinOverride({ input: 'dep', reference, nixArguments: [], signal: soon() });
      const found = onHost(await release(`path:${folder}`, [override]), 'web1');
      assert.equal(found, here(`path:${folder}`, '--override-input', 'dep', reference), reference);
      seen.push(found);
    }
    assert.equal(new Set(seen).size, 3, 'each differs from the locked one');
  });

  test('is found under every name but one with a quote', async () => {
    const set = [...oddNames, 'web1']
      .map(
        (name) =>
          `${JSON.stringify(name).replaceAll('$', '\\$')}.config.system.build.toplevel.drvPath = ${JSON.stringify(`is ${name}`).replaceAll('$', '\\$')};`,
      )
      .join(' ');
    const named = await release(outputs('named', `nixosConfigurations = { ${set} };`));
    for (const name of [...oddNames, 'web1']) assert.equal(onHost(named, name), `is ${name}`);
    const refused = await problemFrom((async () => onHost(named, 'a"b'))());
    assert.deepEqual(refused, {
      code: 'bad-argument',
      argument: 'configuration',
      expected: 'a name without "',
      found: 'a"b',
    });
  });
});
