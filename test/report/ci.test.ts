import { strict as assert } from 'node:assert';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { matchesFixture } from './fixture.ts';
import { commandsIn } from './github-runner.ts';
import {
  buildFails,
  degraded,
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
import { record, setUp } from './stage.ts';
import { openFile, openVirtualTerminal } from './virtual-terminal.ts';

const fixture = (name: string) => new URL(`./fixtures/${name}.txt`, import.meta.url);
const github = { GITHUB_ACTIONS: 'true', CI: 'true', NO_COLOR: '1' };
const gitlab = { GITLAB_CI: 'true', CI: 'true', NO_COLOR: '1' };
const mixed = run({
  hosts: {
    web1: inDoubt(),
    web2: buildFails(),
    db1: rolledBack(),
    cache1: promoted(),
    old1: degraded(),
    db2: unchanged(),
  },
});
const sixty = sixtyMixed();
const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

for (const [name, events, environment] of [
  ['github', mixed, github],
  ['github-colour', mixed, { GITHUB_ACTIONS: 'true', CI: 'true' }],
  ['github-sixty', sixty, github],
  ['gitlab', mixed, gitlab],
] as const) {
  test(`the log of a CI job is that of fixtures/${name}.txt`, async () => {
    const { stdout, stderr } = await record(events, { environment });
    matchesFixture(`== stderr\n${stderr}== stdout\n${stdout}`.replaceAll('\r', '␍'), fixture(name));
  });
}

const hostileLines = [
  '::error::forged',
  '  ::add-mask::a',
  '\u00a0::add-mask::a',
  '::stop-commands::forged',
  '::endgroup::',
  '##[group]forged',
  'before ##[add-mask]a',
  '#\u001b[31m#[error]forged',
  '###[set-output name=x]y',
  'a\r::error::forged',
  'a\n::error::forged',
  '\u001b[0Ksection_end:1:flurry_1_1\r\u001b[0K',
];
const hostile = (verdict: 'failed' | 'promoted'): readonly Timed[] =>
  run({
    hosts: {
      web1: story(0, [
        { phase: 'build', ms: 10, log: hostileLines },
        ...hostileLines.map((note) => ({ phase: 'build', note, level: 'warning' }) as const),
        verdict === 'promoted'
          ? { verdict, phase: 'promote', runs: 'new' }
          : {
              verdict,
              phase: 'build',
              runs: 'old',
              problem: { code: 'build-failed', exitCode: 1, tail: hostileLines.join('\n') },
            },
      ]),
    },
  });

test('no line that a host prints is a command to GitHub: only our own are', async () => {
  for (const verdict of ['failed', 'promoted'] as const) {
    const { stdout, stderr } = await record(hostile(verdict), { environment: github });
    assert.deepEqual(commandsIn(stdout), []);
    const names = commandsIn(stderr).map(({ name }) => name);
    assert.deepEqual(
      names,
      verdict === 'failed'
        ? ['group', 'endgroup', 'error']
        : ['group', 'endgroup', ...Array.from({ length: 10 }, () => 'warning')],
    );
  }
});

test('that holds for the lines and the JSON form in a GitHub job as well', async () => {
  for (const output of ['lines', 'json'] as const) {
    const { stdout, stderr } = await record(hostile('promoted'), { environment: github, output, verbosity: 'verbose' });
    assert.deepEqual(commandsIn(stdout), []);
    assert.deepEqual([...new Set(commandsIn(stderr).map(({ name }) => name))], output === 'json' ? [] : ['warning']);
  }
});

test('the runner of these tests takes what the real one takes for a command', () => {
  const taken = hostileLines.filter((line) => commandsIn(line).length > 0);
  assert.equal(taken.length, 10);
});

test('an annotation gives back reason and remedy as they were, whatever they hold', async () => {
  const result = {
    host: 'web1',
    verdict: 'failed',
    code: 'internal',
    reason: '100 % full, a::b: c',
    remedy: 'x%0Ay:\n  flurry a,b',
    running: null,
    bootDefault: null,
    rev: null,
    seconds: 1,
  } as const;
  const [started] = run({ hosts: { web1: story(0, []) } });
  assert.ok(started !== undefined);
  const { stderr } = await record(
    [
      started,
      { at: 1, body: { event: 'verdict', ...result } },
      { at: 2, body: { event: 'result', exitCode: 1, hosts: [result] } },
    ],
    { environment: github },
  );
  assert.deepEqual(commandsIn(stderr).at(-1), {
    name: 'error',
    properties: { title: 'web1 failed; it was not changed' },
    data: '100 % full, a::b: c\nx%0Ay:\n  flurry a,b',
  });
});

test('hosts with the same reason share an annotation, the worst come first, and there are ten of a kind at most', async () => {
  const { stderr } = await record(sixty, { environment: github });
  const errors = commandsIn(stderr).filter(({ name }) => name === 'error');
  assert.deepEqual(
    errors.map(({ properties }) => properties['title']),
    [
      '4 hosts (web15.example.org, web30.example.org, web45.example.org, web60.example.org) IN DOUBT; look at them now',
      '4 hosts (web12.example.org, web27.example.org, web42.example.org, web57.example.org) ROLLED BACK; they were changed, and run again what they ran before',
      '4 hosts (web8.example.org, web23.example.org, web38.example.org, web53.example.org) failed; they were not changed',
      '4 hosts (web6.example.org, web21.example.org, web36.example.org, web51.example.org) failed; they were not changed',
      '4 hosts (web4.example.org, web19.example.org, web34.example.org, web49.example.org) refused; they were not changed',
    ],
  );
  const each = (index: number) =>
    story(0, [
      { phase: 'build', note: `warning ${index}`, level: 'warning' },
      index < 30
        ? {
            verdict: 'failed',
            phase: 'build',
            runs: 'old',
            problem: { code: 'build-failed', exitCode: index, tail: '' },
          }
        : { verdict: 'promoted', phase: 'promote', runs: 'new' },
    ]);
  const many = run({
    hosts: Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`web${index}`, each(index)])),
  });
  const names = commandsIn((await record(many, { environment: github })).stderr).map(({ name }) => name);
  assert.equal(names.filter((name) => name === 'error').length, 10);
  assert.equal(names.filter((name) => name === 'warning').length, 10);
});

test('GitLab finds sections only where we end and begin them', async () => {
  const { stdout, stderr } = await record(hostile('failed'), { environment: gitlab });
  const marks = /section_(start|end):\d+:[\w.-]+(\[[^\]]*\])?\r\u001b\[0K/g;
  assert.equal(countOf(stderr, marks), 2);
  assert.equal(countOf(stdout, marks), 0);
  assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('hosts that made it are shown as they end; the others at the end, the worst last', () => {
  const stderr = openFile();
  const stage = setUp(mixed, { stdout: openFile(), stderr, environment: gitlab });
  const titles = () => [...stderr.text().matchAll(/\r\u001b\[0K(\w+) \|/g)].map(([, host]) => host);
  stage.playUntil(20_000);
  assert.deepEqual(titles(), ['db2']);
  assert.match(stderr.text(), /\nweb2 \| ✗ FAILED after 14 s: the build failed/);
  stage.playUntil(80_000);
  assert.deepEqual(titles(), ['db2', 'cache1']);
  return stage.report.close().then(() => assert.deepEqual(titles(), ['db2', 'cache1', 'web2', 'old1', 'db1', 'web1']));
});

test('a job that is ended in the middle shows what was waiting to be shown, closed in order or not', async () => {
  for (const how of ['close', 'exit'] as const) {
    const stderr = openFile();
    const others = new Set(process.listeners('exit'));
    const stage = setUp(mixed, { stdout: openFile(), stderr, environment: github });
    stage.playUntil(10_000);
    assert.doesNotMatch(stderr.text(), /hash mismatch/);
    if (how === 'close') await stage.report.close();
    else for (const listener of process.listeners('exit')) if (!others.has(listener)) listener(1);
    assert.match(
      stderr.text(),
      /::group::web2 \| left before its end\n(?: {3}0.*\n)* {3}0:08 {2}build: error: hash mismatch/,
    );
    assert.equal(countOf(stderr.text(), /^::group::/gm), 6);
    assert.equal(countOf(stderr.text(), /^::endgroup::$/gm), 6);
    if (how === 'exit') await stage.report.close();
    assert.equal(countOf(stderr.text(), /^::group::/gm), 6, 'and nothing twice');
  }
});

test('what goes on is told when it has changed, and once a minute where it has not', () => {
  const stderr = openFile();
  const events = run({ hosts: { web1: story(0, [{ phase: 'build', ms: 600_000 }]) } });
  const stage = setUp(events, { stdout: openFile(), stderr, environment: github });
  for (const second of [1, 16, 31, 46, 59, 62, 77]) stage.playUntil(second * 1000);
  assert.equal(
    stderr.text(),
    [
      'flake . @ 1a2b3c4 (main, 2 files dirty) → 1 host, goal promote',
      '· 1 host: 1 building · 0:01',
      '· 1 host: 1 building · 1:02',
      '',
    ].join('\n'),
  );
});

test('of an endless log the last lines are kept, and how many are not is told', async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${'x'.repeat(80)}`);
  const { stderr } = await record(
    run({ hosts: { web1: story(0, [{ phase: 'build', ms: 10_000, log: lines, outcome: 'failed' }]) } }),
    { environment: github },
  );
  assert.ok(stderr.length < 300_000, `${stderr.length}`);
  assert.match(stderr, /\n… 1\d{4} earlier lines are not shown; --log-dir DIR keeps all\n/);
  assert.match(stderr, /build: line 19999 x/);
});

test('the logs of sixty hosts that print without end stay below what GitLab cuts off', async () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index} ${'x'.repeat(200)}`);
  const each = story(0, [{ phase: 'build', ms: 1000, log: lines, outcome: 'failed' }]);
  const hosts = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`web${index}`, each]));
  const { stdout, stderr } = await record(run({ hosts }), { environment: gitlab });
  assert.ok(stdout.length + stderr.length < 3 * 1024 * 1024, `${stdout.length + stderr.length}`);
});

test('quiet, lines, a terminal and a file get no sections', async () => {
  const sections = /::group::|section_start/;
  for (const environment of [github, gitlab]) {
    assert.doesNotMatch((await record(mixed, { environment, verbosity: 'quiet' })).stderr, sections);
    assert.doesNotMatch((await record(mixed, { environment, output: 'lines' })).stderr, sections);
    const terminal = openVirtualTerminal(80, 24);
    await setUp(mixed, { stdout: terminal, stderr: terminal, environment }).finish();
    assert.doesNotMatch(terminal.written(), /::group|::error|section_start/);
  }
});

test('a file gets neither commands, nor sections, nor colours, also in a CI job', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'flurry-report-'));
  const fd = openSync(join(directory, 'log'), 'w');
  try {
    for (const name of ['GITHUB_ACTIONS', 'GITLAB_CI']) {
      const [stdout, stderr] = [
        { ...openFile(), fd },
        { ...openFile(), fd },
      ];
      await setUp(mixed, { stdout, stderr, environment: { [name]: 'true', CI: 'true' } }).finish();
      assert.doesNotMatch(stdout.text() + stderr.text(), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|^::/m);
    }
  } finally {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  }
});

test('the logs of CI jobs are coloured, unless NO_COLOR is set', async () => {
  for (const name of ['GITHUB_ACTIONS', 'GITLAB_CI']) {
    const environment = { [name]: 'true', CI: 'true' };
    assert.match((await record(mixed, { environment })).stdout, /\u001b\[31m/);
    assert.doesNotMatch((await record(mixed, { environment: { ...environment, NO_COLOR: '1' } })).stdout, /\u001b/);
  }
  assert.doesNotMatch((await record(mixed, { environment: { CI: 'true' } })).stdout, /\u001b/);
});

test('a host that nobody reaches is told at once', () => {
  const stderr = openFile();
  const stage = setUp(run({ hosts: { web1: silent() } }), { stdout: openFile(), stderr, environment: github });
  stage.playUntil(15_010);
  assert.match(stderr.text(), /\nweb1 \| ✗ FAILED after 15 s: no answer from web1 port 22 within 15 s \(3 tries\)\n/);
});
