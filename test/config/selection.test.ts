import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { problemText } from '../../src/cli/tell.ts';
import { type Fleet, noFleet } from '../../src/config/fleet/fleet.ts';
import { readFleet } from '../../src/config/fleet/read-fleet.ts';
import { gatherSettings } from '../../src/config/given.ts';
import {
  readCheckRequest,
  readDeployRequest,
  readHistoryRequest,
  readHostsRequest,
  readRollbackRequest,
} from '../../src/config/read-request.ts';
import { grammarProblems, selectHosts } from '../../src/config/selection.ts';
import { textOf } from '../repository/files.ts';
import { shellWords } from '../repository/shell-words.ts';

const declared = fleetOf(
  {
    defaults: { user: 'deploy' },
    hosts: {
      'build-arm': { tags: ['ci'] },
      db1: { address: '192.0.2.21', user: 'admin', configuration: 'postgres', tags: ['db', 'eu'] },
      db2: { address: '192.0.2.22', tags: ['db', 'us'] },
      legacy: { address: '2001:db8::7', tags: ['web-old'] },
      'mail.example.org': { configuration: 'mail', tags: ['eu'] },
      web1: { address: '192.0.2.11', tags: ['web', 'eu'] },
      web2: { address: '192.0.2.12', port: 2222, tags: ['web', 'us'] },
      www: { address: '192.0.2.11', configuration: 'web1' },
    },
  },
  ['build-arm', 'db2', 'legacy', 'mail', 'postgres', 'web1', 'web2'],
);
const configurations = fleetOf(null, ['db', 'local', 'my host', 'web1', 'web2']);

function fleetOf(flurry: unknown, names: readonly string[]): Fleet {
  const fleet = readFleet(flurry, names);
  assert.deepEqual(fleet.problems, []);
  return fleet;
}

/** What is chosen, as a command names it and where that is, a line for each host; or what is told instead. */
function chosenBy(typed: string, fleet: Fleet): string {
  const line = readCommandLine(['status', ...shellWords(typed)]);
  const { selected, problems } = selectHosts(line, fleet);
  const all = [...line.problems, ...problems];
  if (all.length > 0) return all.map((problem) => problemText(problem)).join('');
  return selected
    .map(({ typed: word, host: { address, user = '', port = '', configuration = '', via } }) =>
      [word, via ?? `${user}@${address}:${port}/${configuration}`].join(' = ').concat('\n'),
    )
    .join('');
}

const fleets = new Map([
  ['a flake that names its hosts', declared],
  ['a flake with nothing but configurations', configurations],
  ['no flake', noFleet],
]);

// Each row is what is typed, as a shell reads it, and what comes of it.
const sections = textOf('test/config/selection-table.txt').split(/^## /m).slice(1);
for (const section of sections) {
  const [where = '', ...rows] = section.split(/^> /m);
  const fleet = fleets.get(where.trim());
  assert.ok(fleet !== undefined, where);
  for (const row of rows) {
    const [typed = '', ...lines] = row.trimEnd().split('\n');
    const told = `${lines.join('\n')}\n`;
    const isRefused = told.startsWith('flurry: ');
    test(`${where.trim()}: ${typed} ${isRefused ? 'is refused' : `is ${lines.length} of them`}`, () => {
      assert.equal(chosenBy(typed, fleet), told);
    });
  }
}

test('what is no destination and no selector is told before the flake is read', () => {
  const wanted = (...destinations: readonly string[]) => ({ destinations, except: [], all: false });
  assert.deepEqual(grammarProblems(wanted('web1', 'wbe1', '@nothing', 'x*', 'root@web1:22/db')), []);
  assert.deepEqual(
    grammarProblems(wanted('web 1', '@', '*')).map(({ found }) => found),
    ['web 1', '@', 'all of them'],
  );
});

test('a pattern of many stars is judged at once, however long the names', () => {
  const long = fleetOf(null, ['a'.repeat(250)]);
  assert.match(chosenBy(`'${'a*'.repeat(100)}b'`, long), /must be at least one host/);
  assert.match(chosenBy(`'${'a*'.repeat(100)}'`, long), /^a+ = /);
});

const none: Fleet = { ...noFleet, kind: 'declared' };

test('no hosts at all are not all hosts', () => {
  assert.equal(
    chosenBy('--all', none),
    'flurry: --all must be a flake that tells which hosts there are, found "no host"\n' +
      '  its output flurry names them: flurry.hosts.<name>\n',
  );
  assert.match(chosenBy('web1', none), /there are none\. A machine that the flake does not name: nixos:\/\/web1\n$/);
});

function request(argv: readonly string[], fleet: Fleet) {
  const line = readCommandLine(argv);
  const typed = { ...line, settings: gatherSettings(line.verb, line.flags, {}) };
  const { verb } = line;
  if (verb === 'deploy' || verb === 'plan') return readDeployRequest(typed, fleet, verb);
  if (verb === 'rollback') return readRollbackRequest(typed, fleet);
  assert.ok(verb !== 'list' && verb !== 'config');
  if (verb === 'history') return readHistoryRequest(typed, fleet);
  return verb === 'check' ? readCheckRequest(typed, fleet) : readHostsRequest(verb, typed, fleet);
}

function problemsOf(argv: readonly string[], fleet: Fleet) {
  const read = request(argv, fleet);
  return 'code' in read ? read.problems.map((problem) => problemText(problem)).join('') : '';
}

const oneMachine =
  'flurry: destinations must be each machine under one of its names: two deployments would meet there, found "web1 and www, both 192.0.2.11 port 22"\n' +
  '  name one of the two, or leave one out: --except www\n';

for (const words of ['deploy', 'rollback --to-rev abcdef0', 'confirm', 'abort']) {
  test(`${words}: a machine under two names is refused: two transactions would meet there`, () => {
    const [verb = '', ...rest] = words.split(' ');
    assert.equal(problemsOf([verb, 'web1', 'www', ...rest], declared), oneMachine);
    assert.equal(problemsOf([verb, '--all', ...rest], declared), oneMachine);
    assert.equal(problemsOf([verb, '--all', '--except', 'www', ...rest], declared), '');
  });
}

for (const verb of ['check', 'status', 'attach']) {
  test(`${verb}: a machine may be looked at under each of its names`, () => {
    assert.equal(problemsOf([verb, '--all'], declared), '');
  });
}

test('two names that differ in case, a last dot or the usual port are one machine; other ports are others', () => {
  const meet = (...words: readonly string[]) =>
    problemsOf(['deploy', ...words], noFleet).includes('two deployments would meet there');
  assert.deepEqual(
    [meet('web1', 'WEB1'), meet('web1.', 'web1'), meet('web1', 'web1:22'), meet('[::1]', '[::1]:22')],
    [true, true, true, true],
  );
  assert.deepEqual(
    [meet('web1', 'web1:23'), meet('local', 'nixos://localhost'), meet('web1', 'web2')],
    [false, false, false],
  );
});
