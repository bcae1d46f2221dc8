import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FlakeRelease } from '../../src/core/release.ts';
import { architecturesOf } from '../../src/nix/evaluation.ts';
import { hostArguments } from '../../src/nix/host-reference.ts';
import { pinOverride } from '../../src/nix/overrides.ts';
import { takeSnapshot } from '../../src/nix/snapshot.ts';
import {
  flake,
  nix,
  oddNames,
  problemFrom,
  repository,
  root,
  soon,
  toplevel,
  tree,
  withoutNix,
} from './flake-trees.ts';

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
