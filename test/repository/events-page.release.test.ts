import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { exitCodes } from '../../src/cli/help-words.ts';
import { skipWithout } from '../cli/skip-without.ts';
import { readEvents } from '../core/read-event.ts';
import { root, textOf } from './files.ts';

const page = 'docs/events.md';
const folder = mkdtempSync(join(tmpdir(), 'flurry-events-'));
after(() => rmSync(folder, { recursive: true }));

test('the page lists the events of the schema (UPDATE_FIXTURES=1 writes them)', () => {
  const { oneOf, $defs } = JSON.parse(textOf('docs/events.schema.json'));
  const names: readonly string[] = oneOf.map(({ $ref }: { readonly $ref: string }) => $ref.slice('#/$defs/'.length));
  const rows = [['event', 'what'], ['---', '---'], ...names.map((name) => [`\`${name}\``, $defs[name].description])];
  const [first, second] = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const table = rows
    .map(([event = '', what = '']) =>
      event === '---'
        ? `| ${'-'.repeat(first ?? 0)} | ${'-'.repeat(second ?? 0)} |`
        : `| ${event.padEnd(first ?? 0)} | ${what.padEnd(second ?? 0)} |`,
    )
    .join('\n');
  const [start, end] = [/<!-- events: .* -->\n/.exec(textOf(page))?.[0] ?? '', '<!-- end of events -->'];
  const [head = '', rest = ''] = textOf(page).split(start);
  const [found = '', tail = ''] = rest.split(end);
  if (process.env['UPDATE_FIXTURES'] === '1') {
    writeFileSync(join(root, page), `${head}${start}${table}\n${end}${tail}`);
    return;
  }
  assert.equal(found, `${table}\n`);
});

test('the page has the exit codes of help', () => {
  const rows = [...textOf(page).matchAll(/^\| (\d+) +\| (.*?) +\|$/gm)].map(([, code, what]) => [code, what]);
  assert.deepEqual(rows, exitCodes);
});

test('the commands of the page say what they promise of a real run', { skip: skipWithout('jq') }, async () => {
  // Two hosts that nobody is: one name too many for the resolver, one port where nobody listens.
  const words = ['check', 'nobody.invalid', '127.0.0.1:1', '-o', 'json', '--ssh-config', '/dev/null'];
  const run = await promisify(execFile)(process.execPath, [join(root, 'bin/flurry.js'), ...words], {
    env: { PATH: process.env['PATH'], HOME: folder },
  }).catch((error: { readonly stdout: string; readonly code: number }) => error);
  assert.equal('code' in run && run.code, 1);
  const events = readEvents(run.stdout);
  writeFileSync(join(folder, 'events.ndjson'), run.stdout);

  const commands = [...textOf(page).matchAll(/^(?:tail|jq) .*events\.ndjson.*$/gm)].map(([line]) => line);
  const said = commands.map((command) => {
    const { stdout, stderr, status } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    assert.equal(stderr, '', command);
    return { command, stdout, status };
  });
  const of = (part: string): string => said.find(({ command }) => command.includes(part))?.stdout ?? '';
  assert.equal(commands.length, 7);
  assert.match(of('.reason'), /^nobody\.invalid unreachable: .+\n127\.0\.0\.1:1 unreachable: .+\n$/);
  assert.match(of('.remedy'), /^nobody\.invalid\n[\s\S]*127\.0\.0\.1:1\n/);
  assert.equal(of('.exitCode'), 'false\n');
  assert.deepEqual(
    said.filter(({ status }) => status !== 0).map(({ command }) => command.includes('-e')),
    [true],
  );
  assert.equal(of('"verdict"').trimEnd().split('\n').length, 2);
  const ended = events.filter(({ event }) => event === 'phase-ended').length;
  assert.equal(of('"phase-ended"').trimEnd().split('\n').length, ended);
});
