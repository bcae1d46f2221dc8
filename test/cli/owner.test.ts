import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownerHere, ownerOf } from '../../src/cli/owner.ts';

const cases: readonly (readonly [string, string, string])[] = [
  ['ada', 'laptop', 'ada@laptop'],
  ['ada', 'laptop.example.org', 'ada@laptop.example.org'],
  ['EXAMPLE\\ada b', 'büro\n', 'EXAMPLE-ada-b@b-ro-'],
  ['', '', 'unknown@unknown'],
  ['$(id)', '"', '--id-@-'],
];

for (const [user, machine, owner] of cases) {
  test(`${JSON.stringify(user)} at ${JSON.stringify(machine)} is ${owner} to a host`, () => {
    assert.equal(ownerOf({ user: () => user, machine: () => machine }), owner);
  });
}

test('a user without a name is unknown, and no error', () => {
  const user = (): string => {
    throw new Error('ENOENT: no entry in the passwd file');
  };
  assert.equal(ownerOf({ user, machine: () => 'ci' }), 'unknown@ci');
});

test('a long name is cut', () => {
  assert.equal(ownerOf({ user: () => 'x'.repeat(200), machine: () => 'ci' }).length, 100);
});

test('whoever runs this has a name without blanks', () => {
  assert.match(ownerHere(), /^[A-Za-z0-9._@-]{3,100}$/);
});
