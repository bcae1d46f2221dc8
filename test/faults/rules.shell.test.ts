import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
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

    it('rule 3: whoever still holds the lock after so long is named, with its process and control group', async () => {
      const lock = join(directory, 'lock');
      const texts = [
        shippedFunction('steps', 'tell_lock_holders', { '/run/nixos/switch-to-configuration.lock': lock }),
        `sleep 123 9>'${lock}' & holder=$!`,
        `while [ "$(readlink "/proc/$holder/fd/9")" != '${lock}' ]; do sleep 0.05; done`,
        'while ! grep -q sleep "/proc/$holder/cmdline"; do sleep 0.05; done',
        'tell_lock_holders; kill "$holder"; echo "$holder"',
      ];
      const [told, pid, ...rest] = (await runShell(shell, texts)).split('\n');
      assert.match(told ?? '', new RegExp(`^the lock is held by process ${pid} \\(sleep 123 \\) of (/.*)?$`));
      assert.deepEqual(rest, ['']);
    });

    it('rule 5: what is to be put back is read once the lock is held, not before', async () => {
      for (const name of ['bin', 'old', 'other', 'profiles', 'run/d1', 'records']) {
        await mkdir(join(directory, name), { recursive: true });
      }
      await symlink('system-7-link', join(directory, 'profiles/system'));
      await symlink(join(directory, 'other'), join(directory, 'profiles/system-7-link'));
      await symlink(join(directory, 'old'), join(directory, 'current'));
      await writeFile(join(directory, 'run/d1/release.json'), '{}');
      const noted = async (old: string) => {
        const texts = [
          `ID=d1 OLD=${join(directory, old)} NEW=/nix/store/new OLD_PROFILE=stale OLD_GENERATION=1 OLD_BOOT_DEFAULT=stale GOAL=promote`,
          ...steps(),
          shippedScript('way-back', moved()),
          shippedFunction('transaction', 'arm', moved()),
          `boot_default() { echo 'grub ${join(directory, 'other')}'; }`,
          'failed_units() { :; }; active_units() { echo a.service; }; head() { :; }; sync() { :; }; systemctl() { [ "$1" != show ] || echo 5; }',
          'start_way_back() { sed -n "/^OLD/p" "$dir/settings"; }; tidy_later() { :; }',
          'echo 1 >"$dir/begun-at"; arm',
        ];
        return await runShell(shell, texts, [], { PATH: `${join(directory, 'bin')}:${process.env['PATH']}` });
      };
      await writeFile(join(directory, 'bin/nix-store'), '#!/bin/sh\n', { mode: 0o755 });
      const at = (name: string) => join(directory, name);
      assert.equal(
        await noted('old'),
        `OLD=${at('old')}\nOLD_PROFILE=${at('other')}\nOLD_GENERATION=7\nOLD_BOOT_DEFAULT=${at('other')}\n`,
      );
      assert.equal(await noted('other'), '');
      assert.equal(
        await readFile(at('run/d1/end'), 'utf8'),
        `verdict refused\ncode changed-by-someone-else\nexpected ${at('other')}\nfound ${at('old')}\n`,
      );
    });

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
        `dir=${directory} NEW=${directory} RUNS=${directory} SETTLE=0 ON_UNIT_FAILURE=warn`,
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

    for (const { title, boot, other, printed } of [
      { title: 'reboots', boot: 'this', other: undefined, printed: /^rebooted\nboot-id / },
      {
        title: 'that has left the boot which was meant reboots no more',
        boot: 'before',
        other: undefined,
        printed: /^boot-id /,
      },
      {
        title: 'with somebody else’s deployment under way does not reboot under it',
        boot: 'this',
        other: 'state',
        printed: /^busy ada@laptop \(deployment d2\)\nboot-id /,
      },
      { title: 'whose last deployment has ended reboots', boot: 'this', other: 'end', printed: /^rebooted\nboot-id / },
    ] as const) {
      it(`rule 21: a host ${title}`, async () => {
        await mkdir(join(directory, 'run/d2'), { recursive: true });
        await writeFile(join(directory, 'run/d2/owner'), 'ada@laptop\n');
        for (const name of other === undefined ? [] : ['state', other])
          await writeFile(join(directory, 'run/d2', name), '');
        await writeFile(join(directory, 'boot_id'), 'b1\n');
        const places = {
          '/run/flurry': join(directory, 'run'),
          '/proc/sys/kernel/random/boot_id': join(directory, 'boot_id'),
          '/etc/machine-id': join(directory, 'boot_id'),
        };
        const texts = [hostThatReboots, shippedScript('reboot', places)];
        const seen = ['/nix/store/new', '/nix/store/old', '/nix/store/new'];
        assert.match(await runShell(shell, texts, [boot === 'this' ? 'b1' : 'b0', 'b1', ...seen]), printed);
      });
    }

    for (const { title, seen, printed } of [
      {
        title: 'runs another system by now',
        seen: ['/nix/store/other', '/nix/store/old'],
        printed: 'changed /nix/store/other /nix/store/new',
      },
      {
        title: 'boots another system by now',
        seen: ['/nix/store/new', '/nix/store/other'],
        printed: 'changed /nix/store/other /nix/store/old',
      },
    ]) {
      it(`a host that ${title} is not rebooted, and what it was to boot once is taken back`, async () => {
        await writeFile(join(directory, 'boot_id'), 'b1\n');
        const places = {
          '/run/flurry': join(directory, 'run'),
          '/proc/sys/kernel/random/boot_id': join(directory, 'boot_id'),
          '/etc/machine-id': join(directory, 'boot_id'),
        };
        const texts = [hostThatReboots, shippedScript('reboot', places)];
        const trial = await runShell(shell, texts, ['b1', 'b1', ...seen, '/nix/store/new']);
        assert.equal(trial, `${printed}\ntaken back\nboot-id b1\nmachine-id b1\n`);
        const plain = await runShell(shell, texts, ['b1', 'b1', ...seen, '']);
        assert.equal(plain, `${printed}\nboot-id b1\nmachine-id b1\n`);
      });
    }

    const windows = [
      {
        title: 'profile set, boot loader not: the profile goes back',
        profile: 'new',
        boots: 'old',
        runs: 'old',
        torn: '',
        verdict: 'rolled-back',
        generation: 'system-1-link',
      },
      {
        title: 'boot loader written, no verdict: promoted',
        profile: 'new',
        boots: 'new',
        runs: 'new',
        torn: '',
        verdict: 'promoted',
        generation: 'system-2-link',
      },
      {
        title: 'verdict torn: written again, behind the line that is skipped',
        profile: 'new',
        boots: 'new',
        runs: 'new',
        torn: '{"event":"ended","id":"d0',
        verdict: 'promoted',
        generation: 'system-2-link',
      },
    ] as const;
    for (const { title, profile, boots, runs, torn, verdict, generation } of windows) {
      it(`rule 13: the power was cut in a promotion, ${title}`, async () => {
        const at = (name: string) => join(directory, name);
        for (const name of ['bin', 'old', 'new', 'profiles', 'records']) await mkdir(at(name));
        await symlink(at('old'), at('profiles/system-1-link'));
        await symlink(at('new'), at('profiles/system-2-link'));
        await symlink(profile === 'new' ? 'system-2-link' : 'system-1-link', at('profiles/system'));
        await symlink(at(runs), at('current'));
        const begun = `{"event":"begun","id":"d0","boot":"before","old":"${at('old')}","new":"${at('new')}"}\n`;
        await writeFile(at('records/history.jsonl'), `${begun}${torn}`);
        const intent = { id: 'd0', boot: 'before', old: at('old'), oldProfile: at('old'), new: at('new') };
        await writeFile(at('records/pending.json'), `${JSON.stringify(intent)}\n`);
        // nix-env --profile PROFILE --switch-generation N
        await writeFile(at('bin/nix-env'), '#!/bin/sh\nln -sfn "system-$4-link" "$2"\n', { mode: 0o755 });
        const reconcile = async () =>
          await runShell(
            shell,
            [
              ...['history', 'reconcile'].map((name) => shippedScript(name, moved())),
              `boot_default() { echo 'systemd-boot ${at(boots)}'; }`,
              'reconcile',
            ],
            [],
            { PATH: `${at('bin')}:${process.env['PATH']}` },
          );
        assert.equal(await reconcile(), `reconciled d0 ${verdict}\n`);
        assert.equal(await readlink(at('profiles/system')), generation);
        assert.deepEqual(await readdir(at('records')), ['history.jsonl']);
        const lines = (await readFile(at('records/history.jsonl'), 'utf8')).trimEnd().split('\n');
        assert.equal(JSON.parse(lines.at(-1) ?? '').verdict, verdict);
        assert.equal(lines.length, torn === '' ? 2 : 3);
        assert.equal(await reconcile(), '');
      });
    }

    const trials = [
      { title: 'booted once, and nobody came: it runs it', trial: 'yes', runs: 'new', verdict: 'tested' },
      { title: 'not booted: it runs the old one', trial: 'yes', runs: 'old', verdict: 'rolled-back' },
      { title: 'nobody knows what it runs', trial: 'yes', runs: 'other', verdict: 'in-doubt' },
      // Begun by the host that ran the new system from its trial on.
      { title: 'the promotion behind it, cut off: it is back', trial: 'behind', runs: 'old', verdict: 'rolled-back' },
      { title: 'the promotion behind it, cut off elsewhere', trial: 'behind', runs: 'other', verdict: 'in-doubt' },
    ] as const;
    for (const { title, trial, runs, verdict } of trials) {
      it(`rule 13: the power was cut in a trial, ${title}`, async () => {
        const at = (name: string) => join(directory, name);
        for (const name of ['old', 'new', 'other', 'profiles', 'records']) await mkdir(at(name));
        await symlink(at('old'), at('profiles/system-1-link'));
        await symlink('system-1-link', at('profiles/system'));
        await symlink(at(runs), at('current'));
        const begun = {
          ...{ event: 'begun', id: 'd0', boot: 'before', goal: 'boot', trial: trial === 'yes' ? 'yes' : 'no' },
          ...{ old: at(trial === 'yes' ? 'old' : 'new'), oldProfile: at('old'), new: at('new') },
        };
        await writeFile(at('records/history.jsonl'), `${JSON.stringify(begun)}\n`);
        const texts = [
          ...['history', 'reconcile'].map((name) => shippedScript(name, moved())),
          `boot_default() { echo 'systemd-boot ${at('old')}'; }`,
          'reconcile',
        ];
        assert.equal(await runShell(shell, texts), `reconciled d0 ${verdict}\n`);
        assert.equal(await readlink(at('profiles/system')), 'system-1-link');
      });
    }

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

/** Runs the new system, boots the old one, and is to boot the new one once. */
const hostThatReboots = `unit_works() { false; }
reboot_now() { echo rebooted; }
sync() { :; }
readlink() { echo /nix/store/new; }
boot_default() { echo 'grub /nix/store/old'; }
boots_once() { echo /nix/store/new; }
boot_no_once() { echo 'taken back'; }`;

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
      // Ages are told by the clock of the host that wrote them.
      ['past-deployments', 'status'].map((script) => `${script}: say now "$(date -u +%Y-%m-%dT%H:%M:%SZ)"`),
    );
    assert.equal(dated.length, 6);
    assert.deepEqual(
      (await lines()).filter((line) => /--on-calendar|OnCalendar/.test(line)),
      [],
    );
  });

  it('rule 21: reboot first by a job that waits for nobody, as logind may hang', async () => {
    const reboots = (await lines()).filter((line) => /systemctl\b.*\breboot\b|\breboot\.target/.test(line));
    assert.equal(
      reboots[0]?.replace(/ \|\|.*/, ''),
      'reboot-now: systemctl start --no-block --job-mode=replace-irreversibly reboot.target',
    );
  });

  it('rule 8: whoever decides does it by renaming the token', async () => {
    const taken = (await lines()).filter(
      (line) => /(confirmed|aborted|expired|released|dismissed)"/.test(line) && !/-e "\$dir/.test(line),
    );
    assert.deepEqual(
      taken.filter((line) => !/mv -T "\$dir\/(gate-)?waiting"/.test(line)),
      [],
    );
    assert.ok(taken.length >= 4);
  });
});
