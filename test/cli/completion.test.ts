import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readBashLine } from '../../src/cli/completion-bash.ts';
import { knownHosts, rememberHosts } from '../../src/cli/completion-hosts.ts';
import { main } from '../../src/cli/main.ts';
import { gatherSettings, wordsFor } from '../../src/config/given.ts';
import { verbs } from '../../src/config/option.ts';
import { settingOf } from '../../src/config/option-names.ts';
import { options } from '../../src/config/options.ts';
import {
  readCheckRequest,
  readDeployRequest,
  readHostsRequest,
  readRollbackRequest,
} from '../../src/config/read-request.ts';
import { textOf } from '../repository/files.ts';
import { capturedWorld } from './captured-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'flurry-completion-'));
after(() => rmSync(folder, { recursive: true }));
const environment = { XDG_CACHE_HOME: join(folder, 'cache'), FLURRY_FLAKE: join(folder, 'flake') };
const caches = join(environment.XDG_CACHE_HOME, 'flurry', 'hosts');
/** Not that of a person at a keyboard: this machine may be busy. */
const patienceMs = 120_000;

const hostile = ['$(touch pwned)', '`touch pwned`', 'a b', "it's", 'x:y', 'new\nline', '-rf', ';id', '*', '~root', 'é'];
writeFlake('flake', ['web1', 'web2', 'db', 'check', 'v1.2', ...hostile]);
await knownHosts(environment.FLURRY_FLAKE, environment, patienceMs);

function writeFlake(name: string, hosts: readonly string[]): string {
  const directory = join(folder, name);
  mkdirSync(directory, { recursive: true });
  const names = hosts.map((host) => `${JSON.stringify(host).replaceAll('$', '\\$')} = { };`).join(' ');
  writeFileSync(join(directory, 'flake.nix'), `{ outputs = { self }: { nixosConfigurations = { ${names} }; }; }\n`);
  return directory;
}

async function offered(...line: readonly string[]): Promise<string> {
  const { world, stdout, stderr } = capturedWorld(environment);
  const exitCode = await main(['completion', 'fish', '--', ...line], world);
  assert.deepEqual([exitCode, stderr()], [0, '']);
  const [kind, ...lines] = stdout().trimEnd().split('\n');
  const words = lines.map((one) => one.split('\t')[0]).join(' ');
  return kind === 'words' ? words : `(${kind})`;
}

const hosts = 'db v1.2 web1 web2';
const cases = [
  ['the first word: verbs and hosts', [''], `${verbs.join(' ')} completion ${hosts}`],
  ['the first word, begun', ['we'], 'web1 web2'],
  ['behind a verb, also a host that is called like one', ['status', ''], `check ${hosts}`],
  ['not a host that stands there already', ['web1', ''], 'check db v1.2 web2'],
  ['a user before the host', ['deploy', 'root@w'], 'root@web1 root@web2'],
  ['a configuration behind the host', ['192.0.2.7/w'], '192.0.2.7/web1 192.0.2.7/web2'],
  ['a configuration behind user and host', ['root@web1/v'], 'root@web1/v1.2'],
  ['a configuration of this folder', ['.#w'], '.#web1 .#web2'],
  ['options', ['--con'], '--confirm --connect-timeout --confirm-timeout --confirm-cap'],
  ['options of the verb alone', ['check', '--con'], '--connect-timeout'],
  ['an option once, unless it may be repeated', ['--goal', 'boot', '--ignore-unit', 'a.service', '--g'], ''],
  ['an option that may be repeated again', ['--ignore-unit', 'a.service', '--ign'], '--ignore-unit'],
  ['words of an option', ['--reboot', ''], 'never if-needed always'],
  ['words of an option behind =', ['--reboot=n'], '--reboot=never'],
  ['words of a short option', ['-o', 'j'], 'json'],
  ['words of the last of several short options', ['-vo', 'j'], 'json'],
  ['no word that the verb does not take', ['rollback', '--goal', ''], 'dry-activate test boot promote'],
  ['a file', ['--ssh-config', ''], '(files)'],
  ['a folder for a flake', ['-f', ''], '(directories)'],
  ['nothing for the name of an input', ['--override-input', ''], ''],
  ['a folder for the flake of an input', ['--override-input', 'nixpkgs', ''], '(directories)'],
  ['hosts again behind a pair', ['--override-input', 'nixpkgs', 'x', 'd'], 'deploy db'],
  ['nothing for a number', ['-p', ''], ''],
  ['nothing for Nix', ['web1', '--', ''], ''],
  ['shells', ['completion', ''], 'bash zsh fish'],
] as const;

for (const [title, line, wanted] of cases) {
  test(`completed is ${title}: flurry ${line.join(' ')}<TAB>`, async () => {
    assert.equal(await offered(...line), wanted);
  });
}

test('what is offered says what it means', async () => {
  const { world, stdout } = capturedWorld(environment);
  await main(['completion', 'zsh', '--', '--out'], world);
  const { help } = options.find(({ name }) => name === 'output') ?? { help: '' };
  assert.equal(stdout(), `words\n--output\t${help}\n`);
});

test('of a hostile flake no name is offered that is no destination', async () => {
  const lines = await Promise.all(['', 'root@', 'x/', '.#'].map((current) => offered('deploy', current)));
  for (const line of lines) assert.match(line, /^[A-Za-z0-9.@/# ]+$/);
});

test('the flake of -f is asked, not that of this folder', async () => {
  const other = writeFlake('other', ['mail']);
  await knownHosts(other, environment, patienceMs);
  assert.equal(await offered('-f', other, 'm'), 'mail');
});

test('every word that is offered for an option is taken by its verb', () => {
  const readers = { deploy: readDeployRequest, check: readCheckRequest, rollback: readRollbackRequest } as const;
  for (const verb of verbs) {
    const known = verb === 'deploy' || verb === 'check' || verb === 'rollback' ? verb : undefined;
    for (const option of options.filter((one) => one.kind === 'word' && one.verbs.some((own) => own === verb))) {
      for (const word of wordsFor(option, verb)) {
        const flags = new Map([[settingOf(option), word]]);
        const typed = {
          destinations: ['web1'],
          settings: gatherSettings(verb, flags, {}),
          nixArguments: [],
          except: [],
          all: false,
          problems: [],
        };
        const request = known === undefined ? readHostsRequest(asHostsVerb(verb), typed) : readers[known](typed);
        const problems = 'code' in request ? request.problems.map(({ expected }) => expected) : [];
        assert.deepEqual(
          problems.filter((expected) => expected.startsWith('one of')),
          [],
          `${verb} --${option.name}`,
        );
      }
    }
  }
});

function asHostsVerb(verb: string): 'status' | 'attach' | 'confirm' | 'abort' {
  return verb === 'attach' || verb === 'confirm' || verb === 'abort' ? verb : 'status';
}

const breaks = '\t\n"\'@><=;|&(:';
const bashLines = [
  ['flurry we', [], 'we', 0],
  ['flurry check ', ['check'], '', 0],
  ['flurry check root@we', ['check'], 'root@we', 4],
  ['flurry --goal=te', [], '--goal=te', 7],
  ['flurry --goal=', [], '--goal=', 7],
  ["flurry -f 'my flake' a\\ b ", ['-f', 'my flake', 'a b'], '', 0],
  ['flurry -f "$HOME/x\\"y" ', ['-f', '$HOME/x"y'], '', 0],
  ["flurry -f '", ['-f'], '', 0],
] as const;
for (const [line, before, current, kept] of bashLines) {
  test(`bash's line is read as words, and none is expanded: ${line}`, () => {
    assert.deepEqual(readBashLine([line, breaks]), { before, current, kept });
  });
}

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(`flurry completion ${shell} prints its script`, async () => {
    const { world, stdout } = capturedWorld();
    assert.equal(await main(['completion', shell], world), 0);
    assert.equal(stdout(), textOf(`src/cli/completions/flurry.${shell}`));
  });
}

test('flurry completion teaches how it is installed: asked on stdout, exit 0; else on stderr, exit 2', async () => {
  const [asked, wrong] = [capturedWorld(), capturedWorld()];
  assert.equal(await main(['completion', '--help'], asked.world), 0);
  assert.match(asked.stdout(), /^flurry completion bash\|zsh\|fish\n/);
  assert.equal(await main(['completion', 'tcsh'], wrong.world), 2);
  assert.equal(wrong.stderr(), `flurry: completion must be followed by bash, zsh or fish\n\n${asked.stdout()}`);
});

test('names that are known are not evaluated again', async () => {
  await withoutNix(async () => assert.equal(await offered('check', 'web'), 'web1 web2'));
});

test('a flake that has changed is evaluated again, and while that fails what was known stands', async () => {
  const flake = writeFlake('changing', ['old1']);
  assert.deepEqual(await knownHosts(flake, environment, patienceMs), ['old1']);
  writeFlake('changing', ['old1', 'new1']);
  assert.deepEqual(await knownHosts(flake, environment, patienceMs), ['new1', 'old1']);
  writeFileSync(join(flake, 'flake.nix'), '{ outputs = { self }: oops');
  assert.deepEqual(await knownHosts(flake, environment, patienceMs), ['new1', 'old1']);
});

test('a cache that is broken counts as none, and is written anew', async () => {
  const flake = writeFlake('broken', ['mail']);
  const before = new Set(readdirSync(caches));
  await knownHosts(flake, environment, patienceMs);
  const [file = ''] = readdirSync(caches).filter((name) => !before.has(name));
  const good = JSON.parse(readFileSync(join(caches, file), 'utf8'));
  for (const bad of [
    '',
    '{"names":',
    '[]',
    JSON.stringify({ ...good, names: 7 }),
    JSON.stringify({ ...good, flake: 'x' }),
  ]) {
    writeFileSync(join(caches, file), bad);
    assert.deepEqual(await knownHosts(flake, environment, patienceMs), ['mail'], bad);
  }
  assert.deepEqual(JSON.parse(readFileSync(join(caches, file), 'utf8')).names, ['mail']);
  assert.deepEqual(
    readdirSync(caches).filter((name) => !name.endsWith('.json')),
    [],
  );
});

test('where nothing can be known there is no name and no word', async () => {
  assert.equal(await offered('-f', join(folder, 'nowhere'), 'check', ''), '');
  const unwritable = { ...environment, XDG_CACHE_HOME: '/dev/null' };
  await withoutNix(async () => assert.deepEqual(await knownHosts(environment.FLURRY_FLAKE, unwritable), []));
});

test('a flake that takes too long is given up, and not tried again at the next key', async () => {
  const flake = writeFlake('slow', ['web1']);
  assert.deepEqual(await knownHosts(flake, environment, 1), []);
  await withoutNix(async () => assert.deepEqual(await knownHosts(flake, environment), []));
  // flurry alone has no limit, and keeps what it lists.
  await rememberHosts(flake, ['web1'], environment);
  await withoutNix(async () => assert.deepEqual(await knownHosts(flake, environment), ['web1']));
});

test('flurry alone, which lists the hosts, keeps them for completions', async () => {
  const flake = writeFlake('listed', ['mail']);
  await main([], capturedWorld({ ...environment, FLURRY_FLAKE: flake }).world);
  await withoutNix(async () => assert.deepEqual(await knownHosts(flake, environment), ['mail']));
});

test('no flake elsewhere is connected to for a completion', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const references = ['git+http', 'git+ssh', 'git+git'].map((scheme) => `${scheme}://127.0.0.1:${port}/infra`);
  for (const reference of [...references, `http://127.0.0.1:${port}/infra.tar.gz`])
    assert.deepEqual(await knownHosts(reference, environment, patienceMs), [], reference);
  server.close();
  assert.equal(connections, 0);
});

async function withoutNix(work: () => Promise<void>): Promise<void> {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    await work();
  } finally {
    process.env['PATH'] = path;
  }
}

test('of a flake that says who its hosts are, they are offered, with their tags, and configurations where those are meant', async () => {
  const flake = join(folder, 'declared');
  mkdirSync(flake);
  const hosts = 'mail.tags = [ "eu" "mx" ]; mail.configuration = "m1"; old.configuration = "m1"';
  const text = `{ outputs = { self }: { nixosConfigurations = { m1 = { }; }; flurry.hosts = { ${hosts}; }; }; }\n`;
  writeFileSync(join(flake, 'flake.nix'), text);
  await knownHosts(flake, environment, patienceMs);
  for (const [line, wanted] of [
    [['check', ''], 'mail old @eu @mx'],
    [['check', '@'], '@eu @mx'],
    [['check', '@eu+'], '@eu+@mx'],
    [['mail/'], 'mail/m1'],
    [['check', 'root@'], 'root@mail root@old'],
    [['--all', '--except', ''], 'mail old @eu @mx'],
    [['config', ''], 'show'],
    [['config', 'show', 'o'], 'old'],
  ] as const)
    assert.equal(await offered('-f', flake, ...line), wanted, line.join(' '));
});
