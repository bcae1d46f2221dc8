import assert from 'node:assert/strict';
import { test } from 'node:test';
import { againstFlake, type FlakeHere } from '../../src/deploy/against-flake.ts';

const rev = '1a2b3c4d'.repeat(5);
const release = { deployment: 'd1', configuration: 'web1', rev, narHash: 'sha256-old', lastModified: 1_700_000_000 };
const host = { name: 'web1', address: '192.0.2.7' };
const nobody = async () => undefined;
const flake = (narHash: string, commitsTo: FlakeHere['commitsTo'] = nobody): FlakeHere => {
  return { narHash, configurations: ['web1', 'web2'], commitsTo };
};
const unasked = (): never => assert.fail('git is not needed for this');

test('the same source is told without git, and so is that it was another configuration', async () => {
  const same = { source: 'same', configuration: 'same', behind: 0, ahead: 0 };
  assert.deepEqual(await againstFlake(release, host, flake('sha256-old', unasked)), same);
  const other = { ...host, configuration: 'web2' };
  assert.deepEqual(await againstFlake(release, other, flake('sha256-old', unasked)), {
    ...same,
    configuration: 'other',
  });
});

test('a host of which only the hostname decides is not said to have the configuration that it would get', async () => {
  const { configuration } = await againstFlake(release, { name: 'x', address: 'x' }, flake('sha256-old'));
  assert.equal(configuration, 'unknown');
});

test('another revision is told with the commits between, where git can tell', async () => {
  const other = { source: 'other', configuration: 'same' };
  const asked: string[] = [];
  const git: FlakeHere['commitsTo'] = async (of) => {
    asked.push(of);
    return { ahead: 0, behind: 3 };
  };
  assert.deepEqual(await againstFlake(release, host, flake('sha256-new', git)), { ...other, ahead: 0, behind: 3 });
  assert.deepEqual(asked, [rev]);
  const none = { ...other, ahead: null, behind: null };
  assert.deepEqual(await againstFlake(release, host, flake('sha256-new')), none);
  const dirty = { ...release, rev: null };
  assert.deepEqual(await againstFlake(dirty, host, flake('sha256-new', unasked)), none);
});

test('of what the history does not know nothing is claimed', async () => {
  const unknown = { source: 'unknown', configuration: 'unknown', behind: null, ahead: null };
  assert.deepEqual(await againstFlake(null, host, flake('sha256-old', unasked)), unknown);
});
