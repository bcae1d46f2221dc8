import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookalike, notAVerb, suspectIn } from '../../src/cli/verb-guard.ts';

function beside(...hosts: readonly string[]) {
  return { hosts, flagsFor: () => [] };
}

const guarded = [
  ['switch', 'switch', 'flurry deploy web1'],
  ['swich', 'switch', 'flurry deploy web1'],
  ['promote', 'promote', 'flurry deploy web1'],
  ['apply', 'apply', 'flurry deploy web1'],
  ['deply', 'deploy', 'flurry deploy web1'],
  ['depoly', 'deploy', 'flurry deploy web1'],
  ['Deploy', 'deploy', 'flurry deploy web1'],
  ['chekc', 'check', 'flurry check web1'],
  ['chck', 'check', 'flurry check web1'],
  ['confrim', 'confirm', 'flurry confirm web1'],
  ['abrot', 'abort', 'flurry abort web1'],
  ['rolback', 'rollback', 'flurry rollback web1'],
  ['undo', 'undo', 'flurry rollback web1'],
  ['revert', 'revert', 'flurry rollback web1'],
  ['statsu', 'status', 'flurry status web1'],
  ['histroy', 'history', 'flurry history web1'],
  ['attahc', 'attach', 'flurry attach web1'],
  ['boot', 'boot', 'flurry deploy --goal boot web1'],
  ['test', 'test', 'flurry deploy --goal test web1'],
  ['tset', 'test', 'flurry deploy --goal test web1'],
  ['build', 'build', 'flurry deploy --goal build web1'],
  ['dry-activate', 'dry-activate', 'flurry deploy --goal dry-activate web1'],
  ['dry-run', 'dry-run', 'flurry plan web1'],
  ['plna', 'plan', 'flurry plan web1'],
  ['help', 'help', 'flurry --help'],
] as const;

for (const [word, meant, suggestion] of guarded) {
  test(`${word} is no deploy, but: ${suggestion}`, () => {
    assert.equal(lookalike(word), meant);
    assert.deepEqual(notAVerb(word, meant, beside('web1')), { code: 'not-a-verb', word, suggestion });
  });
}

for (const word of [
  'web1',
  'db',
  'mail',
  'test1',
  'plan9',
  'planner',
  'configuration',
  'build.example.org',
  'root@switch',
  'switch:22',
  'switch/a',
  '.#test',
  '-x',
  '',
]) {
  test(`${JSON.stringify(word)} is a host to look for, no mistyped verb`, () => {
    assert.equal(lookalike(word), undefined);
  });
}

test('words after the mistyped verb are quoted in the suggestion', () => {
  assert.deepEqual(notAVerb('switch', 'switch', beside('a b')), {
    code: 'not-a-verb',
    word: 'switch',
    suggestion: "flurry deploy 'a b'",
  });
});

test('a verb behind a host is no host: flurry web1 status is no deploy', () => {
  assert.deepEqual(suspectIn(['web1', 'status']), { word: 'status', meant: 'status' });
  assert.equal(suspectIn(['web1', 'boot']), undefined);
});

test('the suggestion keeps the flags that its verb has', () => {
  const flagsFor = (verb: string) => (verb === 'status' ? ['--flake', 'x y'] : []);
  assert.deepEqual(notAVerb('statsu', 'status', { hosts: ['--all'], flagsFor }), {
    code: 'not-a-verb',
    word: 'statsu',
    suggestion: "flurry status --all --flake 'x y'",
  });
});
