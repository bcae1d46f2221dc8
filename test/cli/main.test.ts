import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { hostsText } from '../../src/cli/hosts.ts';
import { main } from '../../src/cli/main.ts';
import { readFleet } from '../../src/config/fleet/read-fleet.ts';
import { readEvents } from '../core/read-event.ts';
import { capturedWorld } from './captured-world.ts';
import { assertFixture } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'flurry-cli-'));
after(() => rmSync(folder, { recursive: true }));

// No input, so no lock file; names that look like verbs, for the guard.
writeFileSync(
  join(folder, 'flake.nix'),
  '{ outputs = { self }: { nixosConfigurations = { web1 = { }; web2 = { }; boot = { }; }; }; }\n',
);

async function flurry(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { world, stdout, stderr } = capturedWorld(environment);
  const exitCode = await main(argv, world);
  return { exitCode, stdout: stdout(), stderr: stderr().replaceAll(folder, '/flake') };
}

const refused: readonly (readonly [string, readonly string[], string])[] = [
  [
    'an unknown option is told with the one that was probably meant',
    ['web1', '--gaol', 'test'],
    'flurry: each option must be one that flurry deploy knows, found "--gaol"\n  did you mean --goal?\n',
  ],
  [
    'all problems of a command line are told at once',
    ['web 1', '@we b', '--goal', 'promot', '--build-timeout', '60'],
    'flurry: --goal must be one of build, dry-activate, test, boot, promote, found "promot"\n' +
      '  did you mean promote?\n' +
      'flurry: --build-timeout must be a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m, found "60"\n' +
      '  did you mean 60s?\n' +
      'flurry: the host in destination "web 1" must be a name or address of letters, digits, _ - and single dots, found "web 1"\n' +
      'flurry: destination "@we b" must be a name, a pattern like \'web*\', a tag like @web, or several of them joined by +, found "@we b"\n',
  ],
  [
    'a missing value is told, and does not swallow the next flag',
    ['web1', '--flake', '--impure'],
    'flurry: --flake must be followed by REF, found nothing\n',
  ],
  [
    'check without a destination says how to go on',
    ['check'],
    'flurry: flurry check must be followed by at least one destination, found nothing\n' +
      '  flurry alone lists the hosts of the flake here; any name or address will do\n',
  ],
  [
    'rollback without a destination says what to name',
    ['rollback', '--to', '3'],
    'flurry: flurry rollback must be followed by a destination, found nothing\n' +
      '  name the host that is to go back; any name or address will do\n',
  ],
  [
    'rollback of two hosts asks for a revision',
    ['rollback', 'web1', 'web2'],
    'flurry: flurry rollback must be followed by one host, or by several and --to-rev: what each of them replaced may differ, found "several hosts"\n' +
      '  several hosts go back together only to a revision: add --to-rev REV, or roll them back one by one\n',
  ],
  [
    'confirm without a destination says what to name',
    ['confirm'],
    'flurry: flurry confirm must be followed by at least one destination, found nothing\n' +
      '  name the hosts on which a deployment is under way; any name or address will do\n',
  ],
  [
    'status without a destination says how to go on',
    ['status'],
    'flurry: flurry status must be followed by at least one destination, found nothing\n' +
      '  flurry alone lists the hosts of the flake here; any name or address will do\n',
  ],
  [
    'attach needs a host beside the deployment',
    ['attach', '20261122T032143Z-4f2a'],
    'flurry: flurry attach must be followed by at least one destination, found nothing\n' +
      '  flurry status HOST tells what is under way on a host; any name or address will do\n',
  ],
  [
    'attach joins one deployment, not two',
    ['attach', 'web1', '20261122T032143Z-4f2a', '20261122T032143Z-0000'],
    'flurry: ID must be one deployment, found "20261122T032143Z-4f2a 20261122T032143Z-0000"\n' +
      '  attach to one after the other\n',
  ],
  [
    'abort has no use for options of deploy',
    ['abort', 'web1', '--goal', 'test'],
    'flurry: each option must be one that flurry abort knows, found "--goal"\n' +
      '  --goal belongs to flurry deploy, plan, rollback\n',
  ],
  [
    'nobody can be asked without a terminal',
    ['web1', '--confirm', 'ask', '-f', folder],
    'flurry: --confirm must be auto where there is no terminal to ask at (standard input and standard error), found "ask"\n' +
      '  from another terminal flurry confirm HOST says yes, to a host that still waits\n',
  ],
  [
    'an ssh configuration that is not there is told before anything is done',
    ['check', 'web1', '--ssh-config', '/does/not/exist'],
    'flurry: --ssh-config must be a file that can be read, found "/does/not/exist"\n',
  ],
  [
    'a control code in a destination does not reach the screen',
    ['web\u001b[31m1'],
    'flurry: the host in destination "web\\u001b[31m1" must be a name or address of letters, digits, _ - and single dots, found "web1"\n',
  ],
  [
    'a verb of another tool is no deploy, and the right command is told',
    ['switch', 'web1', '-f', folder],
    'flurry: "switch" is neither a verb of flurry nor a host of this flake; nothing was done\n' +
      '  if you meant this:\n' +
      '    flurry deploy web1 --flake /flake\n' +
      '  if a host is called so:\n' +
      '    flurry deploy switch\n',
  ],
  [
    'a mistyped verb is told even where there is no flake',
    ['deply', 'web1', '-f', join(folder, 'nowhere')],
    'flurry: "deply" is neither a verb of flurry nor a host of this flake; nothing was done\n' +
      '  if you meant this:\n' +
      '    flurry deploy web1 --flake /flake/nowhere\n' +
      '  if a host is called so:\n' +
      '    flurry deploy deply\n',
  ],
  [
    'a verb behind a host is no host, and nothing of the command gets lost',
    ['web1', 'status', '--all', '--except', 'web 2', '-f', folder],
    'flurry: "status" is neither a verb of flurry nor a host of this flake; nothing was done\n' +
      '  if you meant this:\n' +
      "    flurry status web1 --all --except 'web 2' --flake /flake\n" +
      '  if a host is called so:\n' +
      '    flurry deploy status\n',
  ],
  [
    'what --on names is a host, however it looks',
    ['--on', 'swich', '--on', 'web1/nope', '-f', folder],
    'flurry: the flake has no configuration "nope"; it has boot, web1, web2; no host was touched\n  name one of them:\n    flurry HOST/NAME\n',
  ],
  [
    'a word that looks like a verb is a host where the flake has it',
    ['boot', 'web1/nope', '-f', folder],
    'flurry: the flake has no configuration "nope"; it has boot, web1, web2; no host was touched\n  name one of them:\n    flurry HOST/NAME\n',
  ],
  [
    'a configuration that the flake does not have is told with those it has',
    ['root@web1/web', '-f', folder],
    'flurry: the flake has no configuration "web"; it has boot, web1, web2; no host was touched\n' +
      '  did you mean web1 or web2?\n' +
      '    flurry root@web1/web1\n',
  ],
];

for (const [title, argv, text] of refused) {
  test(`${title}, exit 2`, async () => {
    assert.deepEqual(await flurry(argv), { exitCode: 2, stdout: '', stderr: text });
  });
}

test('flurry alone lists the hosts of the flake and how to go on, exit 2', async () => {
  const { exitCode, stdout, stderr } = await flurry([], { FLURRY_FLAKE: folder });
  assert.deepEqual([exitCode, stdout], [2, '']);
  assert.match(
    stderr,
    /^flurry: deploy needs a destination; the flake \/flake has 3 hosts:\n\n {2}boot\n {2}web1\n {2}web2\n/,
  );
});

test('the list of hosts teaches as hosts.txt says', () => {
  const here = hostsText({ verb: 'deploy', reference: '.', fleet: readFleet(null, ['db', 'web1', 'web2']) });
  const odd = readFleet(null, ['$(id)', 'check']);
  const elsewhere = hostsText({ verb: 'deploy', reference: '/my flake', fleet: odd });
  const declared = readFleet({ hosts: { web1: { address: '192.0.2.7' }, web2: {} } }, ['web1', 'web2']);
  const known = hostsText({ verb: 'deploy', reference: '/my flake', fleet: declared });
  assertFixture('hosts.txt', [here, elsewhere, known].join('\n'));
});

test('nothing is written into the flake', async () => {
  await flurry(['-f', folder]);
  assert.deepEqual(readdirSync(folder), ['flake.nix']);
});

test('a folder without a flake is exit 2 with a remedy', async () => {
  const { exitCode, stderr } = await flurry(['web1', '-f', tmpdir()]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /^flurry: .*flake .*\n {2}\S/);
});

test('a live screen and a question exclude each other, exit 2', async () => {
  const { world, stderr } = capturedWorld({ FLURRY_CONFIRM: 'ask' });
  const exitCode = await main(['web1', '-o', 'tree', '-f', folder], {
    ...world,
    stdin: Object.assign(new PassThrough(), { isTTY: true }),
    stderr: Object.assign(world.stderr, { isTTY: true }),
  });
  assert.deepEqual(
    [exitCode, stderr()],
    [2, 'flurry: --output must be lines or json together with FLURRY_CONFIRM ask, found\n"tree"\n'],
  );
});

test('a goal that asks nobody needs no terminal', async () => {
  const { stderr } = await flurry(['web1/nope', '--confirm', 'ask', '--goal', 'build', '-f', folder]);
  assert.match(stderr, /^flurry: the flake has no configuration "nope"/);
});

test('no Nix on the coordinator is exit 2 with a remedy', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    assert.deepEqual(await flurry(['web1', '-f', folder]), {
      exitCode: 2,
      stdout: '',
      stderr:
        'flurry: the program nix was not found on this machine (looked in /nowhere)\n' +
        '  install Nix here, or add it to PATH; every release is at https://nixos.org/download\n',
    });
  } finally {
    process.env['PATH'] = path;
  }
});

for (const [title, argv] of [
  ['no host was touched', ['web 1']],
  ['the hosts of the flake are listed', ['-f', folder]],
] as const) {
  test(`JSON output ends with the result also where ${title}`, async () => {
    const { exitCode, stdout } = await flurry([...argv, '-o', 'json']);
    assert.equal(exitCode, 2);
    assert.deepEqual(
      readEvents(stdout).map(({ at: _, ...event }) => event),
      [{ version: 1, event: 'result', exitCode: 2, hosts: [] }],
    );
  });
}
