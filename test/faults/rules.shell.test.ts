import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { runShell, shells, shippedFunction, shippedScript } from './shell-functions.ts';

// Rules of the transaction that one function keeps, where a host would not show it or could not be brought to it.

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flurry-rules-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

for (const shell of shells) {
  describe(`the rules of the transaction under ${shell}`, () => {
    const moved = () => ({
      '/var/lib/flurry': join(directory, 'records'),
      '/run/flurry': join(directory, 'run'),
      '/nix/var/nix/profiles': join(directory, 'profiles'),
      '/run/current-system': join(directory, 'current'),
    });
    const steps = () =>
      ['unit', 'clock', 'state', 'history', 'record', 'steps'].map((name) => shippedScript(name, moved()));
    const ended = 'ID=d1; systemctl() { :; }';

    it('rule 7: goal boot does not begin to promote what would still pass for untouched, where /run is full', async () => {
      const stubs = ['lock', 'gate', 'arm', 'set_deadline', 'promote'].map((name) => `${name}() { echo ${name}; }`);
      const main = shippedFunction('transaction', 'main');
      const run = (goal: string) =>
        runShell(shell, [
          ...stubs,
          `GOAL=${goal} INVOCATION_ID=x SELF_CHECK_LIMIT=1 LOCK_LIMIT=1 ACTIVATION_LIMIT=1 LOADER_LIMIT=1 dir=${directory}`,
          'uptime_seconds() { echo 1; }',
          'set_state() { [ "$1" != promoting ]; }',
          'give_up() { echo "gives up: $*"; exit 0; }',
          main,
          'main',
        ]);
      assert.equal(
        await run('boot'),
        'lock\nset_deadline\ngate\narm\nset_deadline\nset_deadline\ngives up: code run-full\n',
      );
    });

    it('rule 11: units that systemd does not name are not units that are well', async () => {
      const silent = 'systemctl() { return 1; }; sleep() { :; }';
      const texts = [...steps(), silent, 'if failed_units; then echo well; else echo unknown; fi'];
      assert.equal(await runShell(shell, [ended, ...texts]), 'unknown\n');
      const verify = [
        `dir=${directory} NEW=${directory} SETTLE=0 ON_UNIT_FAILURE=warn`,
        'give_up() { echo "gives up: $*"; exit 0; }',
        shippedFunction('transaction', 'verify', moved()),
      ];
      await symlink(directory, join(directory, 'current'));
      assert.equal(
        await runShell(shell, [ended, ...steps(), silent, ...verify, 'verify']),
        'gives up: code units-failed unit (systemd does not answer)\n',
      );
    });

    it('rule 11: the name of a unit is told as it is, with its backslashes', async () => {
      await writeFile(join(directory, 'active-before'), 'a\\x2db.service\nc\\nd.service\n');
      await writeFile(join(directory, 'failed-before'), 'known\\tfailed.service\n');
      const texts = [
        `dir=${directory}`,
        'property_of() { echo inactive; }; systemctl() { echo failed; }',
        `failed_units() { printf '%s\\n' 'known\\tfailed.service' 'new\\cfailed.service'; }`,
        shippedFunction('rollback', 'lost_units'),
        'lost_units',
      ];
      assert.equal(
        await runShell(shell, texts),
        'lost-unit a\\x2db.service\nlost-unit c\\nd.service\nlost-unit new\\cfailed.service\n',
      );
    });

    it('rule 13: a deployment that is refused leaves the intent of another one’s promotion alone, and takes its own along', async () => {
      const intents = async (id: string) => {
        await mkdir(join(directory, 'records'), { recursive: true });
        await mkdir(join(directory, 'run/d1'), { recursive: true });
        await writeFile(join(directory, 'records/pending.json'), `{"id":"${id}","boot":"b"}\n`);
        await runShell(shell, [ended, ...steps(), 'tidy_later() { :; }; finish refused "code locked"']);
        return readdir(join(directory, 'records'));
      };
      assert.deepEqual(await intents('d2'), ['pending.json']);
      assert.deepEqual(await intents('d1'), []);
    });

    for (const { title, exit, restored } of [
      { title: 'is restored where its program says so', exit: 0, restored: 'yes' },
      { title: 'is in doubt where its program fails', exit: 1, restored: 'no' },
    ] as const) {
      it(`rule 14: a boot entry that cannot be read ${title}`, async () => {
        await mkdir(join(directory, 'profiles'));
        await mkdir(join(directory, 'run/d1'), { recursive: true });
        await mkdir(join(directory, 'old'));
        await symlink(join(directory, 'old'), join(directory, 'profiles/system-1-link'));
        await symlink('system-1-link', join(directory, 'profiles/system'));
        const texts = [
          `${ended}; OLD_GENERATION=1 OLD_PROFILE=${join(directory, 'old')} NEW=new OLD_BOOT_DEFAULT=- LOADER_LIMIT=1`,
          ...steps(),
          `switch_to() { code=${exit}; }; boot_default() { echo 'unknown -'; }; sync() { :; }`,
          shippedFunction('rollback', 'boots_the_old'),
          'undo_promotion; if boots_the_old; then echo "$restored yes"; else echo "$restored no"; fi',
        ];
        assert.equal(await runShell(shell, texts), `${restored} ${restored}\n`);
      });
    }
  });
}

describe('the scripts on a host', () => {
  const names = async () =>
    (await readdir(new URL('../../src/host/scripts/', import.meta.url))).map((name) => name.replace(/\.sh$/, ''));
  const lines = async () =>
    (await names()).flatMap((name) =>
      shippedScript(name)
        .split('\n')
        .filter((line) => !/^\s*#/.test(line))
        .map((line) => `${name}: ${line.trim()}`),
    );

  it('rule 20: take the wall clock for what is written down, and for nothing else', async () => {
    const dated = (await lines()).filter((line) => /\bdate\b|EPOCH|%s\b.*printf.*%\(/.test(line));
    assert.deepEqual(
      dated.filter((line) => !/\\"at\\":\\"\$\(date -u \+%Y-%m-%dT%H:%M:%SZ\)\\"/.test(line)),
      [],
    );
    assert.equal(dated.length, 3);
    assert.deepEqual(
      (await lines()).filter((line) => /--on-calendar|OnCalendar/.test(line)),
      [],
    );
  });

  it('rule 21: reboot first by a job that waits for nobody, as logind may hang', async () => {
    const reboots = (await lines()).filter((line) => /systemctl\b.*\breboot\b|\breboot\.target/.test(line));
    assert.equal(
      reboots[0]?.replace(/ \|\|.*/, ''),
      'rollback: systemctl start --no-block --job-mode=replace-irreversibly reboot.target',
    );
  });

  it('rule 8: whoever decides does it by renaming the token', async () => {
    const taken = (await lines()).filter(
      (line) => /(confirmed|aborted|expired)"/.test(line) && !/-e "\$dir/.test(line),
    );
    assert.deepEqual(
      taken.filter((line) => !/mv -T "\$dir\/waiting"/.test(line)),
      [],
    );
    assert.ok(taken.length >= 4);
  });
});
