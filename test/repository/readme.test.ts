import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { privilegeHelp } from '../../src/cli/privilege-help.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { optionsTable } from '../../src/config/options-table.ts';
import {
  readCheckRequest,
  readDeployRequest,
  readHostsRequest,
  readRollbackRequest,
} from '../../src/config/request.ts';
import { exitCodeOf, verdicts } from '../../src/core/verdict.ts';
import { allCases } from '../faults/cases.ts';
import { repositoryFiles, root, textOf } from './files.ts';
import { shellWords } from './shell-words.ts';

const examples = repositoryFiles().filter((path) => /^examples\/.*README\.md$/.test(path));

for (const file of ['README.md', ...examples]) {
  for (const line of commandLines(textOf(file))) {
    test(`${file}: ${line}`, () => {
      const [, ...argv] = shellWords(line);
      const typed = readCommandLine(argv);
      const settings = gatherSettings(typed.verb, typed.flags, {});
      const read = readers[typed.verb];
      const request = read({ ...typed, settings });
      assert.ok(!('code' in request), JSON.stringify(request));
      assert.ok(!typed.destinations.includes('HOST'));
    });
  }

  test(`${file} links to nothing that is not there`, () => {
    const links = [...textOf(file).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path);
    assert.deepEqual(
      links.filter((path) => !existsSync(join(root, file, '..', path))),
      [],
    );
  });
}

test('the options in the README are those of flurry (UPDATE_FIXTURES=1 writes them)', () => {
  const [before, after] = ['<!-- options: written by the test of this file -->\n', '<!-- end of options -->'];
  const [head = '', rest = ''] = textOf('README.md').split(before);
  const [table = '', tail = ''] = rest.split(after);
  if (process.env['UPDATE_FIXTURES'] === '1') {
    writeFileSync(join(root, 'README.md'), head + before + optionsTable() + after + tail);
    return;
  }
  assert.equal(table, optionsTable());
});

test('the rule for sudo in the README is the one that flurry --help privilege prints', () => {
  const [, rule = ''] = /^```nix\n(security\.sudo[^`]*)```$/m.exec(textOf('README.md')) ?? [];
  assert.ok(rule.length > 0);
  assert.ok(privilegeHelp.includes(rule.replace(/^(?=.)/gm, '  ')));
});

test('the README has each verdict with its exit code', () => {
  const rows = [...textOf('README.md').matchAll(/^\| `([a-z-]+)` +\|.*\| (\d) +\|$/gm)];
  const told = rows.map(([, verdict = '', code]) => `${verdict} ${code}`);
  assert.deepEqual(told.sort(), verdicts.map((one) => `${one} ${exitCodeOf([one])}`).sort());
});

test('the README quotes the last whole run of the fault matrix, of every case that there is, and none is violated', () => {
  const [said = ''] = /^\d{4}-\d\d-\d\d: .*$/m.exec(textOf('docs/fault-matrix.md')) ?? [];
  const count = allCases({ only: [], seed: 1 }).length;
  assert.ok(said.includes(`: ${count} cases, 0 violated; `), said);
  assert.ok(textOf('README.md').includes(`\n> ${said}\n`), said);
});

type Typed = Parameters<typeof readDeployRequest>[0];
const readers = {
  deploy: readDeployRequest,
  check: readCheckRequest,
  status: (typed: Typed) => readHostsRequest('status', typed),
  attach: (typed: Typed) => readHostsRequest('attach', typed),
  rollback: readRollbackRequest,
  confirm: (typed: Typed) => readHostsRequest('confirm', typed),
  abort: (typed: Typed) => readHostsRequest('abort', typed),
} as const;

/** The lines of code blocks that call flurry. */
function commandLines(markdown: string): readonly string[] {
  const blocks = [...markdown.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.split('\n')).filter((line) => /^flurry( |$)/.test(line));
}
