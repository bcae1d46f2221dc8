import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { privilegeHelp } from '../../src/cli/privilege-help.ts';
import { type Fleet, noFleet } from '../../src/config/fleet/fleet.ts';
import { readFleet } from '../../src/config/fleet/read-fleet.ts';
import { settingsTable } from '../../src/config/fleet/settings-table.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { optionsTable } from '../../src/config/options-table.ts';
import { readFleetRequest } from '../../src/config/read-flake-request.ts';
import {
  readCheckRequest,
  readDeployRequest,
  readHistoryRequest,
  readHostsRequest,
  readRollbackRequest,
} from '../../src/config/read-request.ts';
import { isBack as reasonIsBack } from '../../src/core/explain/state.ts';
import { explain } from '../../src/core/explain.ts';
import { exitCodeOf, verdicts } from '../../src/core/verdict.ts';
import { samples } from '../core/explain-samples.ts';
import { documentedFleet } from '../docs/documented-fleet.ts';
import { explainedCodes, failureGuide } from '../docs/failure-guide.ts';
import { hostNow, isBack, untouched } from '../docs/host-now.ts';
import { blocksOf, commandsOf, inlineCodeOf, withoutRedirections } from '../docs/markdown.ts';
import { examplePages, pages } from '../docs/pages.ts';
import { allCases } from '../faults/cases.ts';
import { root, textOf } from './files.ts';
import { shellWords } from './shell-words.ts';

const fleet = readFleet(documentedFleet, Object.keys(documentedFleet.hosts));

for (const page of [...pages, ...examplePages]) {
  const text = textOf(page);
  const typed = blocksOf(text).flatMap((block) => (block.language === 'sh' ? commandsOf(block) : []));
  const named = inlineCodeOf(text).filter((code) => !/[A-Z<…]{3,}|…/.test(code));
  const ofFlurry = /^(?:flurry|nix run \S+#deploy --)(?= |$)/;
  for (const line of new Set([...typed, ...named].filter((one) => ofFlurry.test(one)))) {
    test(`${page}: flurry understands ${line}`, () => {
      const [, ...argv] = shellWords(withoutRedirections(line.replace(ofFlurry, 'flurry')));
      const typed = readCommandLine(argv);
      if (typed.question !== undefined) return;
      const settings = gatherSettings(typed.verb, typed.flags, {});
      // Of a verb that is only named, the destinations are left out.
      const destinations = typed.destinations.length > 0 || typed.all ? typed.destinations : ['web1'];
      // Most pages know no flake that names its hosts; what chooses among them needs one.
      const requests = [noFleet, fleet].map((one) => readers[typed.verb]({ ...typed, destinations, settings }, one));
      assert.ok(
        requests.some((request) => !('code' in request)),
        JSON.stringify(requests),
      );
      assert.ok(!typed.destinations.includes('HOST'));
    });
  }
}

for (const page of [...pages, ...examplePages]) {
  const text = textOf(page);
  const quoted = /^(<!-- screen: (\S+), (.+) -->\n```text\n)[^`]*(?=^```$)/gm;
  if (!quoted.test(text)) continue;
  test(`${page}: its screens are those that a test has seen (UPDATE_FIXTURES=1 writes them)`, () => {
    const written = text.replaceAll(quoted, (_, head: string, file: string, title: string) => {
      const [, screen] = textOf(file).split(new RegExp(`^== ${title} =*\\n`, 'm'));
      assert.ok(screen !== undefined, `${file} has no ${title}`);
      return head + screen.replace(/^== [\s\S]*/m, '').replace(/\n*$/, '\n');
    });
    assertWritten(page, written);
  });
}

test('docs/options.md has the options of flurry (UPDATE_FIXTURES=1 writes them)', () => {
  const [before, after] = ['<!-- options: written by test/repository/readme.test.ts -->\n', '<!-- end of options -->'];
  const [head = '', rest = ''] = textOf('docs/options.md').split(before);
  const [, tail = ''] = rest.split(after);
  assertWritten('docs/options.md', head + before + optionsTable() + after + tail);
});

test('docs/settings.md has the settings of flurry (UPDATE_FIXTURES=1 writes them)', () => {
  const [before, after] = [
    '<!-- settings: written by test/repository/readme.test.ts -->\n',
    '<!-- end of settings -->',
  ];
  const [head = '', rest = ''] = textOf('docs/settings.md').split(before);
  const [, tail = ''] = rest.split(after);
  assertWritten('docs/settings.md', head + before + settingsTable() + after + tail);
});

test('docs/failures.md tells of every code what flurry says (UPDATE_FIXTURES=1 writes it)', () => {
  assert.deepEqual([...explainedCodes()].sort(), Object.keys(samples).sort());
  assertWritten('docs/failures.md', failureGuide());
});

test('what the failure guide says of the host is what the reason says', () => {
  for (const problem of Object.values(samples).flat()) {
    const { reason } = explain(problem, { host: 'web1', destination: 'web1', phase: 'build' });
    const said = hostNow[problem.code];
    if (said.startsWith(isBack)) assert.ok(!reason.includes('was not changed'), `${problem.code}: ${reason}`);
    if (said.startsWith(untouched)) assert.ok(!reason.includes('has put itself back'), `${problem.code}: ${reason}`);
    if (reason.endsWith(reasonIsBack)) assert.match(said, /put itself back|went back/, problem.code);
  }
});

test('the rule for sudo in the docs is the one that flurry --help privilege prints', () => {
  const [, rule = ''] = /^```nix\n(security\.sudo[^`]*)```$/m.exec(textOf('docs/reaching-hosts.md')) ?? [];
  assert.ok(rule.length > 0);
  assert.ok(privilegeHelp.includes(rule.replace(/^(?=.)/gm, '  ')));
});

test('docs/verdicts.md has each verdict with its exit code', () => {
  const rows = [...textOf('docs/verdicts.md').matchAll(/^\| `([a-z-]+)` +\|.*\| (\d) +\|$/gm)];
  const told = rows.map(([, verdict = '', code]) => `${verdict} ${code}`);
  assert.deepEqual(told.sort(), verdicts.map((one) => `${one} ${exitCodeOf([one])}`).sort());
});

test('the docs quote the last whole run of the fault matrix, of every case that there is, and none is violated', () => {
  const [said = ''] = /^\d{4}-\d\d-\d\d: .*$/m.exec(textOf('docs/fault-matrix.md')) ?? [];
  const count = allCases({ only: [], seed: 1 }).length;
  assert.ok(said.includes(`: ${count} cases, 0 violated; `), said);
  assert.ok(textOf('docs/reliability.md').includes(`\n> ${said}\n`), said);
  assert.ok(textOf('README.md').includes(` ${count} cases `), `${count} cases`);
});

type Typed = Parameters<typeof readDeployRequest>[0];
const readers = {
  deploy: readDeployRequest,
  plan: (typed: Typed, fleet: Fleet) => readDeployRequest(typed, fleet, 'plan'),
  check: readCheckRequest,
  status: (typed: Typed, fleet: Fleet) => readHostsRequest('status', typed, fleet),
  history: readHistoryRequest,
  attach: (typed: Typed, fleet: Fleet) => readHostsRequest('attach', typed, fleet),
  rollback: readRollbackRequest,
  confirm: (typed: Typed, fleet: Fleet) => readHostsRequest('confirm', typed, fleet),
  abort: (typed: Typed, fleet: Fleet) => readHostsRequest('abort', typed, fleet),
  list: (typed: Typed) => readFleetRequest('list', typed) ?? {},
  config: (typed: Typed) => readFleetRequest('config', { ...typed, destinations: typed.destinations.slice(1) }) ?? {},
} as const;

function assertWritten(file: string, text: string): void {
  if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(join(root, file), text);
  assert.equal(textOf(file), text);
}
