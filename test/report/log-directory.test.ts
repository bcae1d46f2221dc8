import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type LogDirectory, openLogDirectory } from '../../src/report/log-directory.ts';
import { logFileNames } from '../../src/report/log-file-names.ts';
import { matchesFixture } from './fixture.ts';
import { buildFails, eventOf, promoted, rolledBack, run, startOfRun, story, type Timed } from './runs.ts';
import { record } from './stage.ts';

const fixture = (name: string) => new URL(`./fixtures/${name}.txt`, import.meta.url);
const trouble = run({ hosts: { web1: promoted(), web2: buildFails(), db1: rolledBack() } });

function directoryOf(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'flurry-logs-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function opened(directory: string, events: readonly Timed[]): LogDirectory {
  const body = events[0]?.body;
  assert.ok(body?.event === 'run-started');
  return openLogDirectory(directory, body, new Date(startOfRun));
}

test('each host has the whole log of the run in a file, from the first phase to the remedy', async (context) => {
  const directory = directoryOf(context);
  const logs = opened(directory, trouble);
  await record(trouble, { logs, verbosity: 'quiet' });
  assert.equal(logs.path, join(directory, '20261122T100000-4f2a'));
  assert.deepEqual(readdirSync(logs.path).toSorted(), ['db1.log', 'events.jsonl', 'web1.log', 'web2.log']);
  matchesFixture(readFileSync(join(directory, 'latest', 'web2.log'), 'utf8'), fixture('log-dir-web2'));
  assert.deepEqual(
    readFileSync(join(logs.path, 'events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    trouble.map(eventOf).map((event) => JSON.parse(JSON.stringify(event))),
  );
});

test('a log file holds no control codes, and lines that are not cut', async (context) => {
  const long = 'x'.repeat(100_000);
  const events = run({
    hosts: { web1: story(0, [{ phase: 'build', ms: 10, log: [long, '\u001b[2J\u009b31m\u0007a\u202eb\rc\nd'] }]) },
  });
  const logs = opened(directoryOf(context), events);
  await record(events, { logs });
  const text = readFileSync(logs.fileOf('web1'), 'utf8');
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  assert.ok(text.includes(` build: ${long}\n`));
});

test('a second run has a folder of its own, and latest leads to it', (context) => {
  const directory = directoryOf(context);
  const first = opened(directory, trouble);
  const second = opened(directory, trouble);
  assert.notEqual(first.path, second.path);
  assert.equal(readlinkSync(join(directory, 'latest')), '20261122T100000-4f2a-2');
  const check = opened(directory, run({ verb: 'check', hosts: { web1: promoted() } }));
  assert.equal(check.path, join(directory, '20261122T100000Z-check'));
});

test('what stands where latest would be is left alone', (context) => {
  const directory = directoryOf(context);
  mkdirSync(join(directory, 'latest'));
  writeFileSync(join(directory, 'latest', 'mine'), '');
  opened(directory, trouble);
  assert.deepEqual(readdirSync(join(directory, 'latest')), ['mine']);
  assert.deepEqual(readdirSync(directory).toSorted(), ['20261122T100000-4f2a', 'latest']);
});

test('no name of a host leads out of the folder, and no two share a file on any file system', () => {
  const hosts = [
    'web1',
    'Web1',
    'WEB1',
    'web1-2',
    '../../etc/passwd',
    '.',
    '..',
    '',
    '-rf',
    '::1',
    'a/b',
    'a\u0000b',
    'ä'.repeat(300),
  ];
  const names = [...logFileNames(hosts).values()];
  for (const name of names) assert.match(name, /^[A-Za-z0-9_][A-Za-z0-9._-]{0,110}\.log$/);
  assert.equal(new Set(names.map((name) => name.toLowerCase())).size, hosts.length);
  assert.deepEqual(names.slice(0, 5), ['web1.log', 'Web1-2.log', 'WEB1-3.log', 'web1-2-2.log', '_._.._etc_passwd.log']);
});

test('logs that can no longer be written are told once, at the end, and the run goes on', async (context) => {
  const directory = directoryOf(context);
  const logs = opened(directory, trouble);
  rmSync(logs.path, { recursive: true });
  for (const output of ['lines', 'json'] as const) {
    const { stdout, stderr } = await record(trouble, { logs, output });
    assert.match(stderr, /^the logs in .*20261122T100000-4f2a are not whole: ENOENT/m);
    assert.equal(stderr.match(/not whole/g)?.length, 1);
    assert.match(stdout, output === 'json' ? /"event":"result","exitCode":1/ : /\n1 of 3 hosts made it/);
  }
});

test('the summary names the log of each host that did not make it, and where all are', async (context) => {
  const directory = directoryOf(context);
  const logs = opened(directory, trouble);
  const { stdout } = await record(trouble, { logs });
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.includes(directory)),
    [
      `  its whole log: ${directory}/20261122T100000-4f2a/web2.log`,
      `  its whole log: ${directory}/20261122T100000-4f2a/db1.log`,
      `all logs: ${directory}/20261122T100000-4f2a`,
    ],
  );
});

test('lines that a CI job has no room for are all in the log that it names', async (context) => {
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} ${'x'.repeat(80)}`);
  const events = run({ hosts: { web1: story(0, [{ phase: 'build', ms: 1000, log: lines }]) } });
  const logs = opened(directoryOf(context), events);
  const { stderr } = await record(events, { logs, environment: { GITHUB_ACTIONS: 'true', NO_COLOR: '1' } });
  assert.ok(stderr.includes(`earlier lines are not shown; all are in ${logs.fileOf('web1')}\n`));
  assert.equal(readFileSync(logs.fileOf('web1'), 'utf8').match(/build: line \d+ x/g)?.length, 5000);
});
