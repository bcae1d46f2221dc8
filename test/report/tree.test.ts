import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { matchesFixture } from './fixture.ts';
import {
  buildFails,
  degraded,
  healthy,
  inDoubt,
  promoted,
  rolledBack,
  run,
  silent,
  sixtyMixed,
  story,
  type Timed,
  unchanged,
} from './runs.ts';
import { film, setUp } from './stage.ts';
import { openFile, openVirtualTerminal } from './virtual-terminal.ts';

const fixture = (name: string) => new URL(`./fixtures/${name}.txt`, import.meta.url);

const threePromoted = run({ hosts: { web1: promoted(), web2: promoted(2000), db1: unchanged() } });
const trouble = run({
  hosts: { web1: inDoubt(), web2: buildFails(), db1: rolledBack(), cache1: silent(), old1: degraded() },
});
const sixty = sixtyMixed();

const films: readonly {
  readonly name: string;
  readonly events: readonly Timed[];
  readonly size: readonly [number, number];
  readonly seconds: readonly number[];
  readonly environment?: Readonly<Record<string, string>>;
}[] = [
  { name: 'tree-promoted-80x24', events: threePromoted, size: [80, 24], seconds: [1, 12, 33, 39] },
  { name: 'tree-trouble-80x24', events: trouble, size: [80, 24], seconds: [10, 38] },
  { name: 'tree-trouble-40x24', events: trouble, size: [40, 24], seconds: [38] },
  {
    name: 'tree-trouble-ascii',
    events: trouble,
    size: [80, 24],
    seconds: [38],
    environment: { TERM: 'xterm', LANG: 'C', NO_COLOR: '1' },
  },
  {
    name: 'tree-check-80x24',
    events: run({
      verb: 'check',
      hosts: { web1: healthy(), web2: degraded(0, 'unhealthy'), db1: silent(0, 'unreachable') },
    }),
    size: [80, 24],
    seconds: [2],
  },
  {
    name: 'tree-rollback-80x24',
    events: run({
      verb: 'rollback',
      aim: { kind: 'replaced' },
      hosts: {
        web1: story(0, [
          { phase: 'observe', ms: 200 },
          {
            phase: 'observe',
            note: 'goes to generation 41: revision 1a2b3c4d5e6f, deployed 2026-11-21T18:12:40Z by ada@laptop (/nix/store/8fj2k3lq9c7xv5w1z0rbnhmpsd4gya6i-nixos-system-web1-25.11)',
          },
          { phase: 'test', ms: 4000 },
          { verdict: 'promoted', phase: 'promote', runs: 'new' },
        ]),
      },
    }),
    size: [80, 24],
    seconds: [2],
  },
  { name: 'tree-sixty-80x24', events: sixty, size: [80, 24], seconds: [20, 60] },
  { name: 'tree-sixty-40x24', events: sixty, size: [40, 24], seconds: [60] },
  { name: 'tree-sixty-200x50', events: sixty, size: [200, 50], seconds: [60] },
];

for (const { name, events, size, seconds, environment } of films) {
  test(`the screen is that of fixtures/${name}.txt`, async () => {
    const [columns, rows] = size;
    const { text, terminal } = await film(events, {
      columns,
      rows,
      seconds,
      ...(environment === undefined ? {} : { environment }),
    });
    matchesFixture(text, fixture(name));
    assert.equal(terminal.cursor(), 'shown');
    assert.doesNotMatch(terminal.written(), /\u001b\[[\d;]*m/, 'NO_COLOR was set');
  });
}

test('the live area never takes more rows than the terminal has, and no row wraps', () => {
  for (const [columns, rows] of [
    [1, 1],
    [7, 2],
    [20, 3],
    [33, 5],
    [40, 10],
    [79, 24],
    [300, 80],
  ] as const) {
    const terminal = openVirtualTerminal(columns, rows);
    const stage = setUp(sixty, { stdout: terminal, stderr: openVirtualTerminal(columns, rows), output: 'tree' });
    stage.playUntil(1);
    stage.playUntil(70_000);
    assert.equal(terminal.wraps(), 0);
  }
});

test('wide characters count as two columns', async () => {
  const steps = story(0, [
    {
      phase: 'build',
      ms: 9000,
      log: [
        '構成を構築しています。しばらくお待ちください。構成を構築しています。',
        '🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀',
      ],
    },
  ]);
  const terminal = openVirtualTerminal(66, 10);
  const stage = setUp(run({ hosts: { 東京1: steps, web1: steps } }), { stdout: terminal, stderr: terminal });
  stage.playUntil(4000);
  assert.match(
    terminal.screen(),
    /東京1 {2}building {5}0:04 {2}構成を構築しています。しばらくお待ち…\n▸ web1 {3}building/,
  );
  stage.playUntil(7000);
  assert.match(terminal.screen(), /🚀…/);
  await stage.report.close();
  assert.equal(terminal.wraps(), 0);
});

test('a terminal that becomes narrower, or wider, is drawn anew', async () => {
  const terminal = openVirtualTerminal(100, 30);
  const stage = setUp(trouble, { stdout: terminal, stderr: terminal });
  stage.playUntil(10_000);
  terminal.resize(50, 30);
  stage.playUntil(11_000);
  assert.match(terminal.screen(), /^flake .*\n.*\n\n. 5 hosts: /);
  assert.equal(terminal.screen().split('\n').length, 9);
  terminal.resize(120, 30);
  stage.playUntil(12_000);
  assert.equal(terminal.screen().split('\n').length, 9);
  await stage.finish();
  assert.equal(terminal.everything().match(/hosts: /g), null, 'nothing of the live area is left');
});

test('a frame that did not change writes nothing, and a clock only its own rows', () => {
  const terminal = openVirtualTerminal(80, 24);
  const stage = setUp(threePromoted, { stdout: terminal, stderr: terminal });
  stage.playUntil(5300);
  const before = terminal.written().length;
  stage.playUntil(5310);
  assert.equal(terminal.written().length, before);
  stage.playUntil(5450);
  assert.doesNotMatch(terminal.written().slice(before), /web1|db1/, 'only the spinner moved');
});

test('a run that is left before its end says so, and which hosts have no verdict', async () => {
  const terminal = openVirtualTerminal(80, 24);
  const stage = setUp(trouble, { stdout: terminal, stderr: terminal });
  stage.playUntil(33_000);
  await stage.report.close();
  matchesFixture(`${terminal.everything()}\n`, fixture('tree-left-early'));
  assert.equal(terminal.cursor(), 'shown');
});

test('the cursor is given back when the process ends without a word', () => {
  const terminal = openVirtualTerminal(80, 24);
  const others = new Set(process.listeners('exit'));
  const stage = setUp(trouble, { stdout: terminal, stderr: terminal });
  stage.playUntil(5000);
  assert.equal(terminal.cursor(), 'hidden');
  for (const listener of process.listeners('exit')) if (!others.has(listener)) listener(1);
  assert.equal(terminal.cursor(), 'shown');
});

test('closing leaves no listener behind', async () => {
  const count = () => (['exit', 'SIGTSTP', 'SIGCONT', 'SIGINT'] as const).map((name) => process.listenerCount(name));
  const before = count();
  await film(threePromoted, { columns: 80, rows: 24, seconds: [] });
  assert.deepEqual(count(), before);
});

test('when results go to a file the last frame stays on the terminal', async () => {
  const [stdout, stderr] = [openFile(), openVirtualTerminal(80, 24)];
  await setUp(threePromoted, { stdout, stderr }).finish();
  assert.match(stderr.screen(), /· 3 hosts: 2 promoted, 1 unchanged · 0:42\n✓ web1 {2}promoted/);
  assert.match(stdout.text(), /^host {2}verdict/);
  assert.doesNotMatch(stdout.text(), /\u001b/);
});

test('a fault of the display is told at the end, and hurts nobody else', async () => {
  const stdout = openFile();
  const terminal = openVirtualTerminal(80, 24);
  let failing = false;
  const stderr = {
    ...openFile(),
    isTTY: true,
    write: (text: string) => terminal.write(text),
    get columns(): number {
      if (failing) throw new Error('no such terminal');
      return 80;
    },
  };
  const stage = setUp(threePromoted, { stdout, stderr });
  stage.playUntil(5000);
  failing = true;
  stage.playUntil(9000);
  failing = false;
  await stage.finish();
  assert.match(stdout.text(), /\n2 hosts promoted, 1 unchanged in 42 s\n$/);
  assert.match(terminal.everything(), /the display failed, the run did not: Error: no such terminal/);
  assert.equal(terminal.cursor(), 'shown');
});
