import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { matchesFixture } from './fixture.ts';
import {
  buildFails,
  degraded,
  hadRolledBack,
  inDoubt,
  promoted,
  rolledBack,
  run,
  silent,
  sixtyMixed,
  story,
  unchanged,
} from './runs.ts';
import { record, type StageOptions, setUp } from './stage.ts';
import { openFile, openVirtualTerminal } from './virtual-terminal.ts';

const fixture = (name: string) => new URL(`./fixtures/${name}.txt`, import.meta.url);
const trouble = run({
  hosts: {
    web1: inDoubt(),
    web2: buildFails(),
    'database1.example.org': rolledBack(),
    cache1: silent(),
    old1: degraded(),
    db2: unchanged(),
  },
});

const recordings: readonly { readonly name: string; readonly options?: Partial<StageOptions> }[] = [
  { name: 'lines-normal' },
  { name: 'lines-quiet', options: { verbosity: 'quiet' } },
  { name: 'lines-verbose', options: { verbosity: 'verbose' } },
  { name: 'lines-colour', options: { environment: { CI: 'true', FORCE_COLOR: '1' }, verbosity: 'quiet' } },
  { name: 'lines-ascii', options: { environment: { LC_ALL: 'POSIX', LANG: 'en_GB.UTF-8' }, verbosity: 'quiet' } },
];

for (const { name, options } of recordings) {
  test(`a log of several troubles is that of fixtures/${name}.txt`, async () => {
    const { stdout, stderr } = await record(trouble, options);
    matchesFixture(`== stderr\n${stderr}== stdout\n${stdout}`, fixture(name));
  });
}

test('sixty hosts at once stay readable', async () => {
  const { stdout, stderr } = await record(sixtyMixed(), { verbosity: 'quiet' });
  matchesFixture(`== stderr\n${stderr}== stdout\n${stdout}`, fixture('lines-sixty-quiet'));
});

test('what a program prints never stands where flurry itself speaks', async () => {
  const forger = story(0, [
    {
      phase: 'build',
      ms: 10,
      log: [
        '✓ PROMOTED after 1 s',
        'web9 | ✓ PROMOTED after 1 s',
        '\rweb1 | ✓ PROMOTED after 1 s',
        '\u001b[2K\u001b[1Gweb1 | ✓ PROMOTED after 1 s',
      ],
    },
  ]);
  const { stderr } = await record(run({ hosts: { web1: forger } }));
  for (const line of stderr.split('\n').filter((text) => text.includes('PROMOTED')))
    assert.match(line, /^web1 \| build: /);
});

test('a file gets no control codes, not even with the tree asked for', async () => {
  const environment = { TERM: 'xterm-256color', LANG: 'C.UTF-8' };
  const { stdout, stderr } = await record(trouble, { output: 'tree', environment });
  assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('a CI job and a dumb terminal get lines, a terminal the tree', () => {
  const kind = (environment: Readonly<Record<string, string>>, output: 'auto' | 'tree' = 'auto') => {
    const stderr = openVirtualTerminal(80, 24);
    const stage = setUp(trouble, { stdout: openFile(), stderr, environment, output });
    stage.playUntil(5000);
    return /\u001b\[\?25l/.test(stderr.written()) ? 'tree' : 'lines';
  };
  assert.equal(kind({ TERM: 'xterm' }), 'tree');
  assert.equal(kind({ TERM: 'xterm', CI: 'true' }), 'lines');
  assert.equal(kind({ TERM: 'xterm', CI: 'false' }), 'tree');
  assert.equal(kind({ TERM: 'dumb' }), 'lines');
  assert.equal(kind({ TERM: 'dumb' }, 'tree'), 'lines');
});

test('a log that stands still for a minute says that the run goes on', () => {
  const stderr = openFile();
  const stage = setUp(run({ hosts: { web1: story(0, [{ phase: 'build', ms: 600_000 }]) } }), {
    stdout: openFile(),
    stderr,
  });
  stage.playUntil(1000);
  stage.playUntil(59_000);
  assert.equal(stderr.text(), 'flake . @ 1a2b3c4 (main, 2 files dirty) → 1 host, goal promote\nweb1 | ▸ build\n');
  stage.playUntil(61_000);
  stage.playUntil(62_000);
  assert.match(stderr.text(), /▸ build\n. 1 host: 1 building · 1:01\n$/);
});

const openings = [
  [{ kind: 'replaced' }, 'rollback → 2 hosts, goal promote'],
  [{ kind: 'generation', number: 41 }, 'rollback to generation 41 → 2 hosts, goal promote'],
  [{ kind: 'revision', rev: '1a2b3c4d5e6f7a8b9c0d' }, 'rollback to revision 1a2b3c4d5e6f → 2 hosts, goal promote'],
] as const;

for (const [aim, first] of openings) {
  test(`a rollback begins with: ${first}`, async () => {
    const { stderr } = await record(run({ verb: 'rollback', aim, hosts: { web1: promoted(), web2: promoted() } }));
    assert.equal(stderr.split('\n')[0], first);
  });
}

test('a reboot, which may take minutes, is told when it begins, and counted while it lasts', () => {
  const stderr = openFile();
  const steps = [{ phase: 'promote', ms: 1000 } as const, { phase: 'reboot', ms: 600_000 } as const];
  const stage = setUp(run({ hosts: { web1: story(0, steps) } }), { stdout: openFile(), stderr });
  stage.playUntil(2000);
  stage.playUntil(62_000);
  stage.playUntil(63_000);
  assert.match(stderr.text(), /\nweb1 \| ▸ reboot\n. 1 host: 1 rebooting · 1:0\d\n$/);
});

test('a log of a megabyte in one line is cut', async () => {
  const { stderr } = await record(
    run({ hosts: { web1: story(0, [{ phase: 'build', ms: 10, log: ['x'.repeat(1_000_000)] }]), web2: promoted() } }),
  );
  assert.ok(Math.max(...stderr.split('\n').map((line) => line.length)) < 2100);
});

test('one that had ended before it was joined did so in no phase of this run, and joining it again is not what is to do', async () => {
  const { stdout } = await record(run({ verb: 'attach', hosts: { web1: hadRolledBack() } }));
  assert.match(stdout, /^! web1 ROLLED BACK; it was changed, and runs again what it ran before$/m);
  assert.match(stdout, /\nweb1 ROLLED BACK in [0-9.]+ s\n$/);
  const apart = await record(run({ verb: 'attach', hosts: { web1: hadRolledBack(), web2: silent(0, 'unreachable') } }));
  assert.match(
    apart.stdout,
    /\nnone of 2 hosts made it in [0-9.]+ s, 1 ROLLED BACK; for the other again:\nflurry web2\n$/,
  );
});
