import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { helpText } from '../../src/cli/help.ts';
import { verbs } from '../../src/config/option.ts';
import { skipWithout } from '../cli/skip-without.ts';
import { repositoryFiles, textOf } from '../repository/files.ts';
import { documentedFleet } from './documented-fleet.ts';
import { blocksOf, commandsOf, inlineCodeOf } from './markdown.ts';

test('the flake that docs/selecting-hosts.md shows names the hosts that its commands are run with', {
  skip: skipWithout('nix-instantiate'),
}, () => {
  const [block] = blocksOf(textOf('docs/selecting-hosts.md')).filter(({ language }) => language === 'nix');
  const outputs = `(${block?.text}).outputs { self = { }; nixpkgs = { }; }`;
  const words = ['--eval', '--strict', '--json', '--expr', `(${outputs}).flurry`];
  assert.deepEqual(JSON.parse(execFileSync('nix-instantiate', words, { encoding: 'utf8' })), documentedFleet);
});

/** What stands in a command that a shell would take for a pattern, a history or a list, outside of quotes. */
function hostileIn(command: string): string | undefined {
  const bare = command.replaceAll(/'[^']*'|"[^"]*"/g, '').replace(/(^|\s)#.*$/, '');
  return /[*!?{}[\]]/.exec(bare)?.[0];
}

for (const [command, found] of [
  ['flurry web*', '*'],
  ['flurry status web1 !web2', '!'],
  ['flurry [::1]', '['],
  ["flurry 'web*' '[::1]'   # any * of them", undefined],
  ['flurry @web+@eu --on web1', undefined],
] as const) {
  test(`in ${command} a shell ${found === undefined ? 'sees only words' : `would see ${found}`}`, () => {
    assert.equal(hostileIn(command), found);
  });
}

// A command is shown by itself, or behind what stands for nix run; usage (`flurry [deploy] DEST...`) is none.
const isCommand = (text: string): boolean =>
  /^(?:flurry|nix run \S+ --)(?= |$)/.test(text) && !/\[[a-z-]+\]|DEST|…|<\w+>/.test(text);

for (const page of repositoryFiles().filter((path) => path.endsWith('.md'))) {
  const typed = blocksOf(textOf(page)).flatMap((block) => (block.language === 'sh' ? commandsOf(block) : []));
  const commands = [...typed, ...inlineCodeOf(textOf(page))].flatMap((line) => line.split(' | ')).filter(isCommand);
  if (commands.length === 0) continue;
  test(`${page}: no command of flurry shows what a shell would take for a pattern, unquoted`, () => {
    assert.deepEqual(
      commands.filter((command) => hostileIn(command) !== undefined),
      [],
    );
  });
}

test('in help and man page what a shell would take for a pattern is quoted where it is to be typed', () => {
  const shown = [undefined, ...verbs].flatMap((verb) => helpText(verb, 100).split('\n'));
  // The first column of tables, and words that stand for destinations anywhere.
  const first = shown.flatMap((line) => /^ {2}(\S.*?)(?: {2,}|$)/.exec(line)?.[1] ?? []);
  const typed = first.filter((term) => !/^-|DEST|\[HOST\.\.\.\]|\[options\]/.test(term));
  assert.deepEqual(
    typed.filter((term) => hostileIn(term) !== undefined),
    [],
  );
  const patterns = shown.join('\n').match(/\S*[a-z0-9]\*\S*/g) ?? [];
  assert.deepEqual(
    patterns.filter((word) => !/^'.*'[,;.)]?$/.test(word)),
    [],
  );
  assert.ok(patterns.length > 0);
});
