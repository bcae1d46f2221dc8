import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { commandAgain, commandTo, waysOn } from '../../src/cli/command-again.ts';
import { readCommandLine } from '../../src/cli/command-line.ts';
import { noFleet } from '../../src/config/fleet/fleet.ts';
import { gatherSettings } from '../../src/config/given.ts';
import { selectHosts } from '../../src/config/selection.ts';

function again(argv: readonly string[], hosts: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const line = readCommandLine(argv);
  const typed = new Map(selectHosts(line, noFleet).selected.map(({ host, typed }) => [host.name, typed]));
  return commandAgain(line, gatherSettings(line.verb, line.flags, environment), { typed })(hosts);
}

test('the command for the hosts that did not make it names only them, as they were typed', () => {
  assert.equal(
    again(['root@web1:22/a', 'nixos://web2', 'web3'], ['web1:22', 'web2']),
    'flurry root@web1:22/a nixos://web2',
  );
});

test('the command keeps the flags, quoted for a shell', () => {
  const argv = ['deploy', 'web1', '-f', './my flake', '-v', '--ignore-unit', 'a.service', '--option', 'cores', "it's"];
  assert.equal(
    again([...argv, '--', '--refresh', '$x'], ['web1']),
    "flurry deploy web1 --flake './my flake' --ignore-unit a.service --option cores 'it'\\''s' --verbose -- --refresh '$x'",
  );
});

test('the command spells out what variables said, for they may be gone the next time', () => {
  const environment = {
    FLURRY_GOAL: 'boot',
    FLURRY_IMPURE: '1',
    FLURRY_SHOW_TRACE: '0',
    FLURRY_OVERRIDE_INPUT: 'a ./a\nb ./b',
  };
  assert.equal(
    again(['web1'], ['web1'], environment),
    'flurry web1 --goal boot --override-input a ./a --override-input b ./b --impure',
  );
});

test('the command names the verb where the first host looks like one', () => {
  assert.equal(again(['web1', 'test'], ['test']), 'flurry deploy test');
});

test('the command of a check is a check', () => {
  assert.equal(again(['check', 'web1', 'web2'], ['web2']), 'flurry check web2');
});

test('who leaves a deployment is told how to stop and to look at what goes on, on hosts that are found as they were', () => {
  const line = readCommandLine(['root@web1/a', 'web2', '--goal', 'test', '--ssh-config', 'my config']);
  assert.deepEqual(waysOn(line, gatherSettings(line.verb, line.flags, {})), [
    'what is under way on a host goes on there, and unconfirmed it puts itself back',
    '  to join it again, and see how it ends:',
    "    flurry attach root@web1/a web2 --ssh-config 'my config'",
    '  to stop it:',
    "    flurry abort root@web1/a web2 --ssh-config 'my config'",
  ]);
});

test('the way to a host and to root there, and how the flake is evaluated, go with the command of another verb; what concerns the deployment does not', () => {
  const flags = ['--elevate', 'sudo', '-S', '--transport', 'openssh', '--parallel-connects', '2', '--impure'].concat([
    '--build-on',
    'local',
  ]);
  const line = readCommandLine(['web1', ...flags]);
  const [attach] = waysOn(line, gatherSettings(line.verb, line.flags, { FLURRY_SSH_OPTION: 'Port=23' })).slice(2);
  assert.equal(
    attach,
    '    flurry attach web1 --impure --ssh-option Port=23 --transport openssh --elevate sudo --ask-elevate-password',
  );
});

const web1 = new Map([['web1', 'web1']]);

test('another command about a deployment names its flake where that names the hosts: there alone web1 is that machine', () => {
  const line = readCommandLine(['web1', '-f', '/my flake', '--ssh-option', 'Port=23']);
  const settings = gatherSettings(line.verb, line.flags, {});
  assert.equal(
    commandTo(settings, { typed: web1, fleet: 'declared' })('attach', ['web1'], ['20261122T032143Z-4f2a']),
    "flurry attach web1 20261122T032143Z-4f2a --flake '/my flake' --ssh-option Port=23",
  );
});

test('one whose flake, named, says nothing of hosts reads none: the flake that is here may call another machine web1', () => {
  for (const fleet of ['configurations', 'none'] as const) {
    const line = readCommandLine(['web1', '-f', '/my flake', '--impure', '--ssh-option', 'Port=23']);
    const to = commandTo(gatherSettings(line.verb, line.flags, {}), { typed: web1, fleet });
    assert.equal(to('abort', ['web1']), 'flurry abort web1 --no-flake --ssh-option Port=23');
    const status = readCommandLine(['status', 'web1', '-f', '/my flake']);
    const todo = commandTo(gatherSettings(status.verb, status.flags, {}), { typed: web1, fleet });
    assert.equal(todo('rollback', ['web1']), 'flurry rollback web1 --no-flake');
  }
});

test('a deployment is of the flake that was named, whatever that says of hosts', () => {
  const line = readCommandLine(['status', 'web1', '-f', '/my flake', '--override-input', 'nixpkgs', '/nixpkgs']);
  for (const fleet of ['declared', 'configurations'] as const) {
    const to = commandTo(gatherSettings(line.verb, line.flags, {}), { typed: web1, fleet });
    assert.equal(to('deploy', ['web1']), "flurry deploy web1 --flake '/my flake' --override-input nixpkgs /nixpkgs");
  }
  const without = readCommandLine(['status', 'web1', '--no-flake']);
  const to = commandTo(gatherSettings(without.verb, without.flags, {}), { typed: web1, fleet: 'none' });
  assert.equal(to('deploy', ['web1']), 'flurry deploy web1');
});

test('the flake that a variable names is named as well, the one of the folder is not', () => {
  const named = gatherSettings('deploy', new Map(), { FLURRY_FLAKE: 'github:me/infra' });
  const to = { typed: web1, fleet: 'declared' } as const;
  assert.equal(commandTo(named, to)('attach', ['web1']), 'flurry attach web1 --flake github:me/infra');
  assert.equal(commandTo(gatherSettings('deploy', new Map(), {}), to)('attach', ['web1']), 'flurry attach web1');
});

test('what was reached without the flake is reached without it again', () => {
  const line = readCommandLine(['status', 'web1', '--no-flake']);
  const settings = gatherSettings(line.verb, line.flags, {});
  assert.equal(
    commandTo(settings, { typed: web1, fleet: 'none' })('attach', ['web1']),
    'flurry attach web1 --no-flake',
  );
});

test('selectors are printed quoted, and what they chose by name', () => {
  const line = readCommandLine(['web*', '@db', '--except', 'db*+@us']);
  assert.deepEqual(waysOn(line, gatherSettings(line.verb, line.flags, {})).slice(2), [
    "    flurry attach 'web*' @db --except 'db*+@us'",
    '  to stop it:',
    "    flurry abort 'web*' @db --except 'db*+@us'",
  ]);
});

test('who leaves a deployment that was joined by its name joins that one again', () => {
  const line = readCommandLine(['attach', 'web1', '20261122T032143Z-4f2a', '-v']);
  assert.deepEqual(waysOn(line, gatherSettings(line.verb, line.flags, {})).slice(2), [
    '    flurry attach web1 20261122T032143Z-4f2a',
    '  to stop it:',
    '    flurry abort web1',
  ]);
});

test('a check or a look that is left has left nothing behind', () => {
  for (const verb of ['check', 'status']) {
    const line = readCommandLine([verb, 'web1']);
    assert.deepEqual(waysOn(line, gatherSettings(line.verb, line.flags, {})), []);
  }
});

test('a shell reads the command back as the words it was made of', () => {
  const argv = ['web1', '--override-input', 'a', 'b c', '--settle', '1s', '--', '--x', "'", '$(id)', 'a\nb', '*'];
  const printed = execFileSync('sh', ['-c', `set -- ${again(argv, ['web1'])}; printf '%s\\0' "$@"`], {
    encoding: 'utf8',
  });
  assert.deepEqual(printed.split('\0').slice(0, -1), ['flurry', ...argv]);
});
