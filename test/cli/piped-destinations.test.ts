import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { waysOn } from '../../src/cli/command-again.ts';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { main } from '../../src/cli/main.ts';
import { withPiped } from '../../src/cli/piped-destinations.ts';
import { problemText } from '../../src/cli/tell.ts';
import type { Input } from '../../src/cli/world.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { capturedWorld } from './captured-world.ts';

async function read(argv: readonly string[], stdin: Input, environment: Readonly<Record<string, string>> = {}) {
  const line = readCommandLine(argv);
  const settings = gatherSettings(line.verb, line.flags, environment);
  const { world } = capturedWorld(environment);
  const piped = await withPiped(line, settings, { ...world, stdin });
  return { piped, settings, told: piped.problems.map((problem) => problemText(problem)).join('') };
}

function holding(...chunks: readonly (string | Buffer)[]): Input {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
}

function untouched(): Input {
  return new Readable({
    read() {
      this.destroy(new Error('standard input was read'));
    },
  });
}

test('- is what standard input names, one or more a line, in its place between the other words', async () => {
  const { piped, told } = await read(
    ['check', 'db1', '-', '--on', 'db2'],
    holding('web1 web2\r\n\n', '\t@e', 'u\nroot@', 'web3:22/x'),
  );
  assert.deepEqual([piped.destinations, told], [['db1', 'web1', 'web2', '@eu', 'root@web3:22/x', 'db2'], '']);
});

test('without - standard input is not touched', async () => {
  const { piped, told } = await read(['check', 'db1'], untouched());
  assert.deepEqual([piped.destinations, told], [['db1'], '']);
});

test('--on - reads it as well', async () => {
  const { piped } = await read(['--on', '-'], holding('web1'));
  assert.deepEqual(piped.destinations, ['web1']);
});

test('what was read is no option, no verb and no other -', async () => {
  const { piped, told } = await read(['-'], holding('status --all -f . - web1'));
  assert.deepEqual(
    [piped.verb, piped.all, piped.destinations, piped.words, told],
    ['deploy', false, ['status', '--all', '-f', '.', '-', 'web1'], ['-'], ''],
  );
});

test('who leaves is told the hosts that were read, not to read them once more', async () => {
  const { piped, settings } = await read(['-'], holding('web1\nweb2\n'));
  assert.deepEqual(waysOn(piped, settings).slice(2), [
    '    flurry attach web1 web2',
    '  to stop it:',
    '    flurry abort web1 web2',
  ]);
});

const must = 'flurry: destination "-" must be names of hosts on standard input, one or more a line';
const remedy = '  lead a file or a program to it (flurry status - <hosts.txt), or name the hosts as words\n';
const failing = new Readable({
  read() {
    this.destroy(new Error('EISDIR: illegal operation on a directory, read'));
  },
});

const refused: readonly (readonly [string, readonly string[], Input, string])[] = [
  ['a terminal', ['check', '-'], Object.assign(untouched(), { isTTY: true }), `${must}, found "a terminal"\n${remedy}`],
  [
    'nothing in it',
    ['-'],
    holding(' \n'),
    `${must}, found nothing\n  see that what leads there has found some: nothing is never taken for all hosts\n`,
  ],
  [
    '- twice',
    ['check', '-', '--on', '-'],
    untouched(),
    'flurry: destination "-" must be given once: standard input can be read once, found "it twice"\n  leave one of them away\n',
  ],
  [
    'what cannot be read',
    ['check', '-'],
    failing,
    `${must}, found "EISDIR: illegal operation on a directory, read"\n${remedy}`,
  ],
  [
    'more than hosts',
    ['check', '-'],
    holding(Buffer.alloc(1024 * 1024 + 1, 'a')),
    `${must}, at most 1 MiB, found "more"\n${remedy}`,
  ],
  [
    'a person who is to confirm',
    ['-', '--confirm', 'ask'],
    holding('web1'),
    'flurry: --confirm must be left away where standard input names the hosts, found "ask"\n  name the hosts as words instead of -\n',
  ],
  [
    'a person who is to give a password',
    ['check', '-', '-S'],
    holding('web1'),
    'flurry: --ask-elevate-password must be left away where standard input names the hosts, found "given"\n  name the hosts as words instead of -\n',
  ],
];

for (const [title, argv, stdin, text] of refused) {
  test(`- together with ${title} is refused with a remedy`, async () => {
    assert.equal((await read(argv, stdin)).told, text);
  });
}

test('a question that a variable asks for is named by it', async () => {
  const { told } = await read(['-'], holding('web1'), { FLURRY_CONFIRM: 'ask' });
  assert.match(told, /^flurry: FLURRY_CONFIRM must be left away/);
});

for (const argv of [['-'], ['status', '-'], ['--except', 'web1', '-']]) {
  test(`flurry ${argv.join(' ')} with nothing in it is exit 2, and never means all`, async () => {
    const { world, stdout, stderr } = capturedWorld();
    const stdin = new PassThrough();
    stdin.end();
    assert.equal(await main([...argv, '-o', 'json'], { ...world, stdin }), 2);
    assert.match(stdout(), /"event":"result","exitCode":2,"hosts":\[\]/);
    assert.match(stderr(), /standard input, one or more a line, found nothing/);
  });
}
