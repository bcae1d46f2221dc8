import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { textOf } from './files.ts';

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

// A Nix package is made from these addresses; npm leaves them out where a user's npmrc says so (ours says not).
test('the lock file holds address and hash of every package, all of one origin', () => {
  const { packages } = Lock.parse(JSON.parse(textOf('package-lock.json')));
  const entries = Object.entries(packages).filter(([path, entry]) => path !== '' && entry.link !== true);
  assert.ok(entries.length > 10);
  assert.deepEqual(
    entries.filter(([, { resolved, integrity }]) => resolved === undefined || !integrity?.startsWith('sha512-')),
    [],
  );
  const origins = new Set(entries.map(([, { resolved = '' }]) => new URL(resolved).origin));
  assert.equal(origins.size, 1, [...origins].join(', '));
});

// Where the registry did not have the packages of other platforms when the lock was made, `npm ci` fails everywhere.
test('the lock file holds the optional packages for all platforms', () => {
  const { packages } = Lock.parse(JSON.parse(textOf('package-lock.json')));
  const optional = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  assert.deepEqual(
    optional.filter((name) => !(`node_modules/${name}` in packages)),
    [],
  );
});
