import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineTail } from '../../src/nix/line-tail.ts';
import { copyLog } from '../../src/nix/nix-log.ts';

// What `nix copy --log-format internal-json` printed, shortened only in its numbers of a kind.
const of226 = `
@nix {"action":"start","id":1,"level":6,"parent":0,"text":"querying info about missing paths","type":0}
@nix {"action":"stop","id":1}
@nix {"action":"start","id":5,"level":3,"parent":0,"text":"copying 2 paths","type":103}
@nix {"action":"result","fields":[100,3000280],"id":5,"type":106}
@nix {"action":"result","fields":[0,2,1,0],"id":5,"type":105}
@nix {"action":"start","fields":["/nix/store/l8kh6pmkx041vz67kcp6dc337chphhg4-source","local","local"],"id":6,"level":3,"parent":0,"text":"copying path '/nix/store/l8kh6pmkx041vz67kcp6dc337chphhg4-source' to 'local'","type":100}
@nix {"action":"result","fields":[3000273,3000280,0,0],"id":6,"type":105}
@nix {"action":"stop","id":6}
@nix {"action":"result","fields":[1,2,0,0],"id":5,"type":105}`;
const of28 = `
@nix {"action":"msg","level":0,"msg":"warning: the group 'nixbld' specified in 'build-users-group' does not exist"}
@nix {"action":"start","id":5,"level":3,"text":"copying 2 paths","type":103}
@nix {"action":"start","fields":["/nix/store/6rw1a3qqyjz0nizgrk9damkznjkrg7dc-source","local","local"],"id":6,"level":3,"text":"copying path '/nix/store/6rw1a3qqyjz0nizgrk9damkznjkrg7dc-source' to 'local'","type":100}
@nix {"action":"stop","id":6}`;

function readAll(text: string) {
  const log = copyLog();
  const heard: string[] = [];
  const tail = lineTail(40, (line) => heard.push(line), log.read);
  tail.push(text);
  tail.end();
  return { heard, count: log.count() };
}

test('what Nix 2.26 counts is known, and what it says is read as a person would have', () => {
  const { heard, count } = readAll(of226);
  assert.deepEqual(count, { bytes: 3_000_280, paths: 2, donePaths: 1 });
  assert.deepEqual(heard, [
    'copying 2 paths',
    "copying path '/nix/store/l8kh6pmkx041vz67kcp6dc337chphhg4-source' to 'local'",
  ]);
});

test('Nix 2.8 tells no totals, and none are made up', () => {
  const { heard, count } = readAll(of28);
  assert.deepEqual(count, { bytes: null, paths: null, donePaths: 1 });
  assert.deepEqual(heard.slice(0, 2), [
    "warning: the group 'nixbld' specified in 'build-users-group' does not exist",
    'copying 2 paths',
  ]);
});

test('an error of several lines keeps its lines and loses its colours; what is no JSON is shown as it is', () => {
  const error = { action: 'msg', level: 0, msg: '\u001b[31;1merror:\u001b[0m no\n       way', raw_msg: 'no' };
  const { heard } = readAll(`@nix ${JSON.stringify(error)}\n@nix {"action":\nplain\n@nix [1]\n`);
  assert.deepEqual(heard, ['error: no', '       way', '@nix {"action":', 'plain', '@nix [1]']);
});
