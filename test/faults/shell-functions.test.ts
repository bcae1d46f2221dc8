import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { contend } from './one-token.ts';
import { runShell, shells, shippedFunction, shippedScript } from './shell-functions.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flurry-functions-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

for (const shell of shells) {
  describe(`the record under ${shell}`, () => {
    const record = () => [
      shippedScript('clock'),
      shippedScript('history', { '/var/lib/flurry': directory }),
      shippedScript('record'),
    ];
    const history = () => join(directory, 'history.jsonl');

    it('makes JSON of hostile text, without its control codes', async () => {
      const hostile = 'a "b" \\ $(id) `id` %s \t\u001b[31m\u007f\nüñ→ \\" end\\';
      const printed = await runShell(shell, [...record(), 'json_text "$1"'], [hostile]);
      assert.equal(printed, '"a \\"b\\" \\\\ $(id) `id` %s [31m\u007füñ→ \\\\\\" end\\\\"');
      assert.equal(JSON.parse(printed), 'a "b" \\ $(id) `id` %s [31m\u007füñ→ \\" end\\');
    });

    it('gives a torn last line its line break, so that only that line is lost', async () => {
      await writeFile(history(), '{"event":"begun","id":"a"}\n{"event":"en');
      await runShell(shell, [...record(), 'write_history "$1"'], ['{"event":"begun","id":"b"}']);
      assert.equal(
        await readFile(history(), 'utf8'),
        '{"event":"begun","id":"a"}\n{"event":"en\n{"event":"begun","id":"b"}\n',
      );
    });

    it('makes its folder, and leaves nothing else in it', async () => {
      await rm(directory, { recursive: true });
      await runShell(shell, [...record(), 'write_history "$1"'], ['{}']);
      assert.deepEqual(await readdir(directory), ['history.jsonl']);
      assert.equal(await readFile(history(), 'utf8'), '{}\n');
    });

    it('keeps the last 200 deployments, two lines each', async () => {
      const lines = Array.from({ length: 400 }, (_, index) => `{"line":${index}}`);
      await writeFile(history(), `${lines.join('\n')}\n`);
      await runShell(shell, [...record(), 'write_history "$1"'], ['{"line":400}']);
      const kept = (await readFile(history(), 'utf8')).trimEnd().split('\n');
      assert.equal(kept.length, 400);
      assert.equal(kept[0], '{"line":1}');
      assert.equal(kept[399], '{"line":400}');
      assert.deepEqual(await readdir(directory), ['history.jsonl']);
    });

    it('says that it failed where the disk is full', async () => {
      const full = shippedScript('history', { '$records/history.jsonl': '/dev/full' });
      const printed = await runShell(shell, [full, `records=${directory}`, 'write_history x || echo failed']);
      assert.equal(printed, 'failed\n');
    });

    it('writes an end whose facts are whatever a host says', async () => {
      const run = [
        ...record(),
        'id=d1 dir=$1',
        'write_ended rolled-back "code units-failed" "unit a\\"b\\\\c.service\nunit d" ""',
      ];
      await runShell(shell, run, [directory]);
      const [line = ''] = (await readFile(history(), 'utf8')).split('\n');
      const { at, seconds, ...ended } = JSON.parse(line);
      assert.deepEqual(ended, {
        event: 'ended',
        id: 'd1',
        verdict: 'rolled-back',
        facts: ['code units-failed', 'unit a"b\\c.service', 'unit d'],
      });
      assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.equal(typeof seconds, 'number');
    });

    it('writes an end without a fact', async () => {
      await runShell(shell, [...record(), 'id=d1 dir=$1', 'write_ended promoted'], [directory]);
      assert.deepEqual(JSON.parse(await readFile(history(), 'utf8')).facts, []);
    });

    it('gives the end of a host that rebooted as its way back what it said before, and any other none', async () => {
      const run = [...record(), 'id=d1', 'write_rebooting "code units-failed\nunit a.service" "then reboot"'];
      await runShell(shell, [...run, 'write_late d1 rolled-back', 'write_late d2 rolled-back']);
      const [rebooting, ...ended] = (await readFile(history(), 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.equal(rebooting.event, 'rebooting');
      assert.deepEqual(
        ended.map(({ event, id, verdict, facts }) => ({ event, id, verdict, facts })),
        [
          {
            event: 'ended',
            id: 'd1',
            verdict: 'rolled-back',
            facts: ['code units-failed', 'unit a.service', 'then reboot'],
          },
          { event: 'ended', id: 'd2', verdict: 'rolled-back', facts: ['code ended-by-reboot'] },
        ],
      );
    });

    it('keeps a verdict that found no room, and writes it once there is some; only then all is cleared', async () => {
      const tidy = (...moved: readonly string[]) => [
        shippedScript('clock'),
        shippedScript('history', { '/var/lib/flurry': directory, ...Object.fromEntries([moved].filter(([x]) => x)) }),
        shippedScript('record'),
        'id=d1 dir=$1; clear_deployment() { echo cleared; }',
        shippedFunction('rollback', 'tidy'),
        'tidy',
      ];
      const folder = join(directory, 'run');
      await mkdir(folder);
      for (const [name, text] of Object.entries({
        begun: '',
        'begun-at': '0\n',
        'ended-at': '0\n',
        end: 'verdict rolled-back\ncode units-failed\nunit a.service\n',
      }))
        await writeFile(join(folder, name), text);
      assert.equal(await runShell(shell, tidy('$records/history.jsonl', '/dev/full'), [folder]), '');
      assert.equal(await runShell(shell, tidy(), [folder]), 'cleared\n');
      const { verdict, facts } = JSON.parse(await readFile(history(), 'utf8'));
      assert.deepEqual([verdict, facts], ['rolled-back', ['code units-failed', 'unit a.service']]);
      assert.equal(await runShell(shell, tidy(), [folder]), 'cleared\n');
      assert.equal((await readFile(history(), 'utf8')).trimEnd().split('\n').length, 1, 'written once');
    });

    it('has an intent only whole and by its name', async () => {
      const values = 'id=d1 OLD=/nix/store/old OLD_PROFILE=/nix/store/profile NEW=/nix/store/new';
      await runShell(shell, [...record(), values, 'write_intent']);
      assert.deepEqual(await readdir(directory), ['pending.json']);
      const { boot, ...intent } = JSON.parse(await readFile(join(directory, 'pending.json'), 'utf8'));
      assert.deepEqual(intent, {
        id: 'd1',
        old: '/nix/store/old',
        oldProfile: '/nix/store/profile',
        new: '/nix/store/new',
      });
      assert.equal(boot, (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim());
      await runShell(shell, [...record(), 'remove_intent']);
      assert.deepEqual(await readdir(directory), []);
    });
  });

  describe(`a deadline under ${shell}`, () => {
    const passed = (grace = '') => [
      shippedScript('clock'),
      `dir=$1; if deadline_passed ${grace}; then echo passed; else echo ahead; fi`,
    ];

    for (const [what, text] of Object.entries({
      empty: '',
      garbage: 'soon',
      negative: '-5',
      fraction: '9999999999.5',
      'two words': '99999999 99999999',
    })) {
      it(`that is ${what} has passed`, async () => {
        await writeFile(join(directory, 'deadline'), text);
        assert.equal(await runShell(shell, passed(), [directory]), 'passed\n');
      });
    }

    it('that is missing has passed', async () => {
      assert.equal(await runShell(shell, passed(), [directory]), 'passed\n');
    });

    it('is of the clock that nobody sets', async () => {
      const uptime = Math.floor(Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]));
      await writeFile(join(directory, 'deadline'), `${uptime + 100}\n`);
      assert.equal(await runShell(shell, passed(), [directory]), 'ahead\n');
      await writeFile(join(directory, 'deadline'), `${uptime - 1}\n`);
      assert.equal(await runShell(shell, passed(), [directory]), 'passed\n');
      assert.equal(await runShell(shell, passed('100'), [directory]), 'ahead\n');
    });

    for (const [wish, becomes] of [
      ['30', 30],
      ['600', 60],
      ['soon', 10],
      ['-5', 10],
      ['', 10],
    ] as const) {
      it(`of a host that waits with a cap of 60 s is ${becomes} s ahead where “${wish}” is wished for`, async () => {
        const clock = `${shippedScript('clock')}\nuptime_seconds() { echo 1000; }`;
        const extend = shippedFunction('transaction', 'extend');
        await writeFile(join(directory, 'extend'), wish);
        await runShell(shell, [clock, extend, 'dir=$1 cap=1060; set_deadline 10; extend'], [directory]);
        assert.equal(await readFile(join(directory, 'deadline'), 'utf8'), `${1000 + becomes}\n`);
        assert.deepEqual(await readdir(directory), ['deadline'], 'a wish counts once');
      });
    }

    it('is set whole, or stays as it was', async () => {
      await runShell(shell, [shippedScript('clock'), 'dir=$1; set_deadline 100'], [directory]);
      assert.equal(await runShell(shell, passed(), [directory]), 'ahead\n');
      assert.deepEqual(await readdir(directory), ['deadline']);
      const before = await readFile(join(directory, 'deadline'), 'utf8');
      const full = shippedScript('clock', { '$dir/deadline.new': '/dev/full' });
      await runShell(shell, [full, 'dir=$1; set_deadline 0 || true'], [directory]);
      assert.equal(await readFile(join(directory, 'deadline'), 'utf8'), before);
    });
  });

  describe(`a state under ${shell}`, () => {
    it('is written whole; where there is no room the old word stays', async () => {
      const write = (script: string, word: string) =>
        runShell(shell, [script, `dir=$1; set_state ${word} || echo no`], [directory]);
      assert.equal(await write(shippedScript('state'), 'armed'), '');
      assert.equal(await readFile(join(directory, 'state'), 'utf8'), 'armed\n');
      assert.equal(await write(shippedScript('state', { '$dir/state.new': '/dev/full' }), 'testing'), 'no\n');
      assert.equal(await readFile(join(directory, 'state'), 'utf8'), 'armed\n');
    });
  });

  describe(`the end under ${shell}`, () => {
    it('is written whole, without empty lines; where there is no room there is none', async () => {
      const finish = (script: string) =>
        runShell(
          shell,
          [
            'dir=$1; intent_is_ours() { false; }; uptime_seconds() { echo 1; }; set_state() { :; }; systemctl() { :; }',
            script,
            'finish tested "boots-once yes" ""',
          ],
          [directory],
        );
      const shipped = shippedFunction('steps', 'finish');
      await finish(shipped.replace('>"$dir/end.new" && mv', '>/dev/full && touch "$dir/end.new" && mv'));
      assert.deepEqual(await readdir(directory), ['ended-at']);
      await finish(shipped);
      assert.equal(await readFile(join(directory, 'end'), 'utf8'), 'verdict tested\nboots-once yes\n');
    });
  });

  describe(`where a deployment stands, under ${shell}`, () => {
    /** As it is told to who waits for it to leave `testing`, by a host on which none of its units works. */
    const standing = async (systemState: string) => {
      const run = join(directory, 'run');
      await mkdir(join(run, 'd1'), { recursive: true });
      await writeFile(join(run, 'd1', 'state'), 'rolling-back\n');
      await writeFile(join(directory, 'history.jsonl'), '{"event":"begun","id":"d1"}\n');
      const systemctl = `systemctl() {
        case $* in is-system-running*) echo ${systemState} ;; *--quiet*) return 3 ;; *) echo inactive ;; esac
      }`;
      const rest = 'mark_log() { :; }; boot_default() { echo unknown -; }';
      const waits = shippedScript('await-transaction', { '/run/flurry': run, '/var/lib/flurry': directory });
      const printed = await runShell(shell, [shippedScript('unit'), systemctl, rest, waits], ['d1', 'mark', 'testing']);
      assert.equal(printed.slice(0, printed.indexOf('\n')), 'marked yes');
      return printed.split('\n').slice(1, 3);
    };

    it('is unknown where all of it is gone, and a reboot did not take it', async () => {
      assert.deepEqual(await standing('running'), ['standing rolling-back', 'gone yes']);
    });

    it('is not given up while the host goes down: what it comes up in decides', async () => {
      const [state, next] = await standing('stopping');
      assert.equal(state, 'standing rolling-back');
      assert.match(next ?? '', /^boot-id /);
    });

    it('has its log closed, but where it goes on from what prints nothing', async () => {
      const told = async (whileIn: string, state: string, end?: string) => {
        const run = join(directory, 'log');
        await rm(run, { recursive: true, force: true });
        await mkdir(join(run, 'd1'), { recursive: true });
        await writeFile(join(run, 'd1', 'state'), `${state}\n`);
        if (end !== undefined) await writeFile(join(run, 'd1', 'end'), `verdict ${end}\n`);
        const rest = 'mark_log() { echo "mark $1"; }; boot_default() { echo unknown -; }';
        const waits = shippedScript('await-transaction', { '/run/flurry': run, '/var/lib/flurry': directory });
        const printed = await runShell(shell, [shippedScript('unit'), rest, waits], ['d1', 'm', ...whileIn.split(' ')]);
        return printed.split('\n').filter((line) => line.startsWith('mark'));
      };
      const closed = ['mark m', 'marked yes'];
      assert.deepEqual(await told('verifying', 'waiting'), []);
      assert.deepEqual(await told('waiting', 'promoting'), []);
      assert.deepEqual(await told('testing', 'waiting'), closed);
      assert.deepEqual(await told('verifying', 'rolling-back'), closed);
      assert.deepEqual(await told('waiting', 'rolling-back'), closed);
      assert.deepEqual(await told('waiting', 'promoting', 'promoted'), closed);
      assert.deepEqual(await told('locked gating armed', 'testing'), closed);
    });
  });

  it(`three contenders for one token, 20 rounds under ${shell}: exactly one wins each, and all are told the same`, async () => {
    await contend(shell, { rounds: 20, directory });
  });

  it(`a word for another boot or another machine decides nothing under ${shell}`, async () => {
    const decide = [shippedScript('decide', { '/run/flurry': directory })];
    await mkdir(join(directory, 't'));
    await writeFile(join(directory, 't/waiting'), '');
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const machineId = (await readFile('/etc/machine-id', 'utf8')).trim();
    assert.equal(await runShell(shell, decide, ['t', 'other', machineId, 'confirmed']), 'decided elsewhere\n');
    assert.equal(await runShell(shell, decide, ['t', bootId, 'other', 'confirmed']), 'decided elsewhere\n');
    assert.deepEqual(await readdir(join(directory, 't')), ['waiting']);
  });
}
