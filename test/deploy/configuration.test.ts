import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlurryError } from '../../src/core/problem.ts';
import { chooseConfiguration } from '../../src/deploy/configuration.ts';

const existing = ['db1', 'web1', 'web2'];

describe('which configuration a host gets', () => {
  const rows = [
    { what: 'the one that the destination names', address: 'h', named: 'db1', hostname: 'web1', chosen: 'db1' },
    { what: 'the one named like the destination', address: 'web1', hostname: 'web1', chosen: 'web1' },
    { what: 'the same, though the host calls itself otherwise', address: 'web1', hostname: 'nixos', chosen: 'web1' },
    { what: 'the one named like the hostname', address: '192.0.2.7', hostname: 'web2', chosen: 'web2' },
  ];
  for (const { what, address, named, hostname, chosen } of rows) {
    it(`is ${what}`, () => {
      const host = { name: address, address, ...(named === undefined ? {} : { configuration: named }) };
      assert.equal(chooseConfiguration(host, hostname, existing), chosen);
    });
  }

  it('is refused for a machine that says it is another configuration of this flake', () => {
    assert.throws(
      () => chooseConfiguration({ name: 'web1', address: 'web1' }, 'web2', existing),
      (error: unknown) => {
        assert.ok(error instanceof FlurryError);
        assert.deepEqual(error.problem, { code: 'wrong-host', hostname: 'web2', configuration: 'web1' });
        return true;
      },
    );
  });

  it('is refused, with those that exist, where neither name is one', () => {
    assert.throws(
      () => chooseConfiguration({ name: 'h', address: 'h' }, 'nixos', existing),
      (error: unknown) => {
        assert.ok(error instanceof FlurryError);
        assert.deepEqual(error.problem, { code: 'no-configuration-for-host', hostname: 'nixos', existing });
        return true;
      },
    );
  });
});
