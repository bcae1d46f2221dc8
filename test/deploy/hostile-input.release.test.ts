import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAvailable, withHosts } from '../fleet/fleet.ts';
import { flakeFixture, service } from './flake-fixture.ts';
import { assertNothingExecuted } from './nothing-executed.ts';
import { flurry, flurryLines } from './run-flurry.ts';

const options = { skip: fleetAvailable() ? false : 'needs a fleet: tsx test/fleet/cli.ts run --hosts 1 -- …' };

// Whatever is executed leaves a file called `pwned` where flurry runs, or in root's home on the host.
const nameOfHost = 'a name or address of letters, digits, _ - and single dots';

const word = 'letters, digits, _ . + -, beginning with a letter, a digit or _';

const unit = 'a unit name with its type, like nginx.service';

const below = 'a path below the new system, like bin/self-check';

/** What is typed, and the first line of the answer; HOST stands for the leased host. */
const refusals: readonly (readonly [typed: readonly string[], told: string])[] = [
  [['$(touch pwned)'], `the host in destination "$(touch pwned)" must be ${nameOfHost}, found "$(touch pwned)"`],
  [['`touch pwned`'], `the host in destination "\`touch pwned\`" must be ${nameOfHost}, found "\`touch pwned\`"`],
  [['HOST;touch pwned'], `the host in destination "HOST;touch pwned" must be ${nameOfHost}, found "HOST;touch pwned"`],
  [['HOST other'], `the host in destination "HOST other" must be ${nameOfHost}, found "HOST other"`],
  [["it's"], `the host in destination "it's" must be ${nameOfHost}, found "it's"`],
  [['HOST\nother'], `the host in destination "HOST\\nother" must be ${nameOfHost}, found "HOST\\x0aother"`],
  [['\u001b[31mred'], `the host in destination "\\u001b[31mred" must be ${nameOfHost}, found "red"`],
  [[''], `the host in destination "" must be ${nameOfHost}, found nothing`],
  [['--', '-oProxyCommand=touch pwned'], ''],
  [['-root@HOST'], 'each option must be one that flurry deploy knows, found "-root@HOST"'],
  [
    ['HOST/$(touch pwned)'],
    `the configuration in destination "HOST/$(touch pwned)" must be ${word}, found "$(touch pwned)"`,
  ],
  [['HOST/-x'], `the configuration in destination "HOST/-x" must be ${word}, found "-x"`],
  [['HOST/a b'], `the configuration in destination "HOST/a b" must be ${word}, found "a b"`],
  [['$(touch pwned)@HOST'], `the user in destination "$(touch pwned)@HOST" must be ${word}, found "$(touch pwned)"`],
  [
    ['HOST:22;touch pwned'],
    'the port in destination "HOST:22;touch pwned" must be a number from 1 to 65535, found "22;touch pwned"',
  ],
  [
    ['HOST', '--ignore-unit', '$(touch pwned).service'],
    `--ignore-unit must be ${unit}, found "$(touch pwned).service"`,
  ],
  [['HOST', '--ignore-unit', 'a.service\nb.service'], `--ignore-unit must be ${unit}, found "a.service\\x0ab.service"`],
  [['HOST', '--ignore-unit', 'a b.service'], `--ignore-unit must be ${unit}, found "a b.service"`],
  [
    ['HOST', '--pre-activate-script', '../../../bin/sh'],
    `--pre-activate-script must be ${below}, found "../../../bin/sh"`,
  ],
  [['HOST', '--pre-activate-script', '/bin/sh'], `--pre-activate-script must be ${below}, found "/bin/sh"`],
  [['HOST', '--pre-activate-script=-x'], `--pre-activate-script must be ${below}, and begin with no dash, found "-x"`],
  [
    ['HOST', '--flake=-x'],
    '--flake must be a flake reference, like . or github:owner/repository, and begin with no dash, found "-x"',
  ],
  [
    ['HOST', '-f', 'a\nb'],
    '--flake must be a flake reference, like . or github:owner/repository, without control codes, found "a\\x0ab"',
  ],
  [
    ['HOST', '-f', '.#HOST'],
    '--flake must be a flake reference without #; the configuration belongs to the destination, found ".#HOST"',
  ],
  [
    ['HOST', '-f', '$(touch pwned)'],
    "flake $(touch pwned) cannot be evaluated: error: '$(touch pwned)' is not a valid URL",
  ],
  [['HOST', '-f', 'git+file:///nowhere?ref=--upload-pack=touch pwned'], ''],
  [
    ['HOST', '--override-input', '$(touch pwned)', '.'],
    '--override-input must be INPUT REF, like nixpkgs github:NixOS/nixpkgs, found "$(touch pwned) ."',
  ],
  [
    ['HOST', '--override-input', 'x', '--impure'],
    '--override-input must be a flake reference, like . or github:owner/repository, and begin with no dash, found "--impure"',
  ],
  [['HOST', '--option', '-x', 'y'], '--option must be NAME VALUE, like cores 2, found "-x y"'],
  [
    ['HOST', '--settle', '$(touch pwned)'],
    '--settle must be a duration with its unit, like 500ms, 15s, 10m, 3h or 1h30m, found "$(touch pwned)"',
  ],
  [
    ['HOST', '--', '--store', '$(touch pwned)'],
    '-- must be arguments that mean the same to Nix here and on the hosts, found "--store"',
  ],
  [['HOST', '--', 'a\nb'], '-- must be arguments that mean the same to Nix here and on the hosts, found "a\\x0ab"'],
];

// About 20 s: each line is a run of the program.
test(
  'names and values that no shell or program should meet are refused by name, exit 2; none is executed, no host is touched',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') });
    const say = (text: string): string => text.replaceAll('HOST', host.name);
    for (const [typed, told] of refusals) {
      const run = await flurryLines(lease, typed.map(say), { cwd: flake.directory });
      const [first] = run.stderr.split('\n');
      const expected = told === '' ? first : `flurry: ${say(told)}`;
      assert.deepEqual([run.code, first], [2, expected], JSON.stringify(typed));
      assert.match(first ?? '', /^flurry: /);
      assertNoControlCodes(run.stdout + run.stderr);
    }
    assert.equal((await host.facts()).sshAccepted, 0);
    await assertNothingExecuted(lease, flake);
  }),
);

test(
  'an unreadable --ssh-config is refused by name, exit 2',
  options,
  withHosts(1, async (lease) => {
    const run = await flurryLines(lease, ['check', 'HOST', '--ssh-config', '$(touch pwned)'], { bare: true });
    assert.deepEqual(
      [run.code, run.stderr],
      [2, 'flurry: --ssh-config must be a file that can be read, found "$(touch pwned)"\n'],
    );
  }),
);

test(
  'a hostname and configuration of spaces, quotes, $() and a leading dash are taken literally: the host is promoted',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const odd = `-a it's $(touch pwned); %s`;
    const flake = await flakeFixture(lease.directory, {
      [odd]: `${service('own')} networking.hostName = lib.mkForce "odd";`,
    });
    await host.inside(setHostname, [odd]);
    try {
      const run = await flurryLines(lease, [host.name], { cwd: flake.directory });
      assert.equal(run.code, 0, run.tail);
      await host.inside('systemctl is-active own.service');
      assert.match((await host.facts()).bootDefault, /-nixos-system-odd-/);
      const alone = await flurryLines(lease, [], { cwd: flake.directory });
      assert.match(alone.stderr, /^ {2}-a it's \$\(touch pwned\); %s$/m);
    } finally {
      await host.inside(setHostname, [host.name]);
    }
    await assertNothingExecuted(lease, flake);
  }),
);

test(
  'a flake in a folder of spaces, quotes and $() is deployed, or refused as Nix refuses it; nothing is executed',
  options,
  withHosts(1, async (lease) => {
    const [host] = lease.hosts;
    assert.ok(host);
    const name = `my "flakes" + $(touch pwned) it's`;
    const flake = await flakeFixture(lease.directory, { [host.name]: service('own') }, { name });
    const run = await flurry(lease, [host.name], { cwd: flake.directory });
    // Nix 2.8 takes no such folder for a git flake, later versions do.
    if (run.code === 2)
      assert.match(run.stderr, /^flurry: flake \. cannot be evaluated: error: 'file:\/\/.*' is not a valid URL\n/);
    else assert.equal(run.result(host.name).verdict, 'promoted', run.tail);
    await assertNothingExecuted(lease, flake);
  }),
);

/** sethostname(2) on x86_64; the program `hostname` takes only good names. */
const setHostname = `perl -e 'syscall(170, $ARGV[0], length $ARGV[0]) == 0 or die $!' -- "$1"`;

function assertNoControlCodes(text: string): void {
  assert.doesNotMatch(text, /[^\n\P{Cc}]/u);
}
