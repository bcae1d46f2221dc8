import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localBuilds } from '../../src/deploy/local-builds.ts';

/** A builder whose builds end when they are told to. */
function heldBuilder() {
  const begun: string[] = [];
  const ended: string[] = [];
  const finish = new Map<string, () => void>();
  const build = (configuration: string, { signal }: { readonly signal: AbortSignal }): Promise<string> => {
    begun.push(configuration);
    return new Promise<string>((resolve, reject) => {
      finish.set(configuration, () => resolve(`/nix/store/${configuration}`));
      signal.addEventListener('abort', () => {
        ended.push(configuration);
        reject(signal.reason);
      });
    });
  };
  return { build, begun, ended, finish: (configuration: string) => finish.get(configuration)?.() };
}

const asking = (host: string, signal = new AbortController().signal) => ({
  host,
  signal,
  onLine: () => {},
  onOther: () => {},
});
const soon = () => new Promise((resolve) => setImmediate(resolve));

test('a configuration is built once for all its hosts, and so many at once', async () => {
  const builder = heldBuilder();
  const builds = localBuilds(builder.build, 2);
  const others: string[] = [];
  const all = [
    builds.toplevel('a', asking('one')),
    builds.toplevel('a', { ...asking('two'), onOther: (host) => others.push(host) }),
    builds.toplevel('b', asking('three')),
    builds.toplevel('c', asking('four')),
  ];
  await soon();
  assert.deepEqual([builder.begun, others], [['a', 'b'], ['one']]);
  builder.finish('a');
  assert.deepEqual([await all[0], await all[1]], ['/nix/store/a', '/nix/store/a']);
  await soon();
  assert.deepEqual(builder.begun, ['a', 'b', 'c']);
  builder.finish('b');
  builder.finish('c');
  await Promise.all(all);
});

test('a host that leaves does not end the build that another one waits for; the last one does', async () => {
  const builder = heldBuilder();
  const builds = localBuilds(builder.build, 1);
  const [one, two] = [new AbortController(), new AbortController()];
  const first = builds.toplevel('a', asking('one', one.signal));
  const second = builds.toplevel('a', asking('two', two.signal));
  await soon();
  one.abort(new Error('one'));
  await assert.rejects(first, /one/);
  assert.deepEqual(builder.ended, []);
  two.abort(new Error('two'));
  await assert.rejects(second, /two/);
  assert.deepEqual(builder.ended, ['a']);
});
