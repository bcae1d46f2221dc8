import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChange } from '../../src/host/change.ts';
import { readFields } from '../../src/host/fields.ts';

const changeOf = (...lines: readonly string[]) => readChange(readFields('the build', lines.join('\n')));

test('inhibitors are the keys that both systems have with different values, and the init interface', () => {
  const change = changeOf(
    'init-old systemd 2',
    'init-new systemd 3',
    'inhibitors-old {"dbus":"dbus","same":"1","gone":"x"}',
    'inhibitors-new {"dbus":"broker","same":"1","added":"y"}',
  );
  assert.deepEqual(change.inhibitors, [
    { key: 'init-interface-version', old: 'systemd 2', new: 'systemd 3' },
    { key: 'dbus', old: 'dbus', new: 'broker' },
  ]);
});

test('a system without switch-inhibitors, or without an init interface, inhibits nothing', () => {
  for (const lines of [
    ['init-old ', 'init-new systemd 2', 'inhibitors-old ', 'inhibitors-new {"a":"1"}'],
    ['init-old systemd 2', 'init-new systemd 2', 'inhibitors-old {"a":"1"}', 'inhibitors-new '],
    [],
  ]) {
    assert.deepEqual(changeOf(...lines).inhibitors, []);
  }
});

const garbage = ['{', '[]', 'null', '7', '"a"', '{"a":1}', '{"a":{"b":"c"}}', '[["a","1"]]', '\u0007{"a":"2"}'];
for (const text of garbage) {
  test(`switch-inhibitors that are no map of texts say nothing: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(changeOf('inhibitors-old {"a":"1"}', `inhibitors-new ${text}`).inhibitors, []);
    assert.deepEqual(changeOf(`inhibitors-old ${text}`, 'inhibitors-new {"a":"1"}').inhibitors, []);
  });
}

test('names of objects in the language are keys like others', () => {
  const change = changeOf('inhibitors-old {"__proto__":"1","toString":"x"}', 'inhibitors-new {"__proto__":"2"}');
  assert.deepEqual(change.inhibitors, [{ key: '__proto__', old: '1', new: '2' }]);
});

test('what would boot otherwise is told in one order, and unknown names are not believed', () => {
  const change = changeOf('boots-other kernel-modules', 'boots-other kernel', 'boots-other rm -rf');
  assert.deepEqual(change.bootsOther, ['kernel', 'kernel-modules']);
});

test('only a plain yes says that the loader can boot a system once', () => {
  assert.deepEqual(
    ['can-boot-once yes', 'can-boot-once', 'can-boot-once no', ''].map((line) => changeOf(line).bootOnce),
    ['can', 'cannot', 'cannot', 'cannot'],
  );
});
