import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { runShell, shells, shippedScript } from './shell-functions.ts';

// A power cut in the fleet loses no write, so what is synced when is asked of a spy: programs that come first in PATH
// write down what they are called with, in the order of their calls.

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flurry-order-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const spies = {
  sync: 'echo "sync $*" >>"$CALLS"',
  'nix-env':
    'echo "nix-env $*" >>"$CALLS"; [ "$3" != --set ] || ln -sfn "$4" "$2"; [ "$3" != --switch-generation ] || ln -sfn "$OLD_PROFILE" "$2"',
  mv: 'case "$*" in *pending*|*history*) echo "mv $*" >>"$CALLS";; esac; exec /bin/mv "$@"',
  rm: 'case "$*" in *pending*) echo "rm $*" >>"$CALLS";; esac; exec /bin/rm "$@"',
  systemctl: 'exit 0',
  // The unit's command, at once and in the foreground.
  'systemd-run': 'while [ "$1" != -- ]; do shift; done; shift; "$@" || true',
} as const;

/** Runs `promote`, or `stage_trial`, as the transaction does, and gives the calls in order, with the places by their true names. */
async function promotion(
  shell: (typeof shells)[number],
  options: {
    readonly loaderExit: number;
    readonly boots: 'new' | 'old';
    readonly step?: 'stage_trial';
    /** What the loader says that it boots once, after it was told to. */
    readonly once?: 'new' | '-';
  },
) {
  const at = (...names: readonly string[]): string => join(directory, ...names);
  for (const folder of ['bin', 'records', 'profiles', 'boot', 'run/flurry/d1', 'old/bin', 'new/bin']) {
    await mkdir(at(folder), { recursive: true });
  }
  for (const [name, text] of Object.entries(spies)) await program(at('bin', name), text);
  for (const system of ['old', 'new']) {
    const exit = system === 'new' ? options.loaderExit : 0;
    await program(at(system, 'bin/switch-to-configuration'), `echo "$0 $1" >>"$CALLS"; exit ${exit}`);
  }
  await symlink(at('old'), at('profiles/system'));
  await writeFile(at('run/flurry/d1/switch.sh'), shippedScript('switch'));
  await writeFile(at('run/flurry/d1/begun'), '');
  await writeFile(at('run/flurry/d1/begun-at'), '0\n');
  const moved = {
    '/run/current-system': at('new'),
    '/var/lib/flurry': at('records'),
    '/nix/var/nix/profiles': at('profiles'),
    '/boot': at('boot'),
    '/run/flurry': at('run/flurry'),
  };
  const texts = [
    ...['unit', 'clock', 'state', 'history', 'record', 'steps'].map((name) => shippedScript(name, moved)),
    `boot_default() { echo "systemd-boot ${at(options.boots)}"; }`,
    'boot_no_once() { :; }',
    'boot_once() { echo "boot-once $1" >>"$CALLS"; }',
    `boots_once() { echo ${options.once === '-' ? '-' : at('new')}; }`,
    // The history is written by a redirection, which no program sees.
    'write_history() { echo "history $1" >>"$CALLS"; sync -f "$records"; }',
    options.step ?? 'promote',
    'printf "%s\\n" "$trouble" >>"$CALLS"',
  ];
  const environment = {
    PATH: `${at('bin')}:/usr/bin:/bin`,
    CALLS: at('calls'),
    ...{ ID: 'd1', GOAL: 'promote', OWNER: 'test', OLD: at('old'), OLD_PROFILE: at('old'), NEW: at('new') },
    ...{
      TRIAL: options.step === undefined ? 'no' : 'yes',
      OLD_GENERATION: '1',
      OLD_BOOT_DEFAULT: at('old'),
      LOADER_LIMIT: '5',
      LOCK_LIMIT: '1',
    },
  };
  await runShell(shell, texts, [], environment);
  const calls = (await readFile(at('calls'), 'utf8')).replaceAll(`${directory}/`, '');
  return calls
    .trimEnd()
    .split('\n')
    .map((line) => (line.startsWith('history') ? `history ${/"verdict":"([^"]*)"/.exec(line)?.[1]}` : line));
}

async function program(path: string, text: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
}

for (const shell of shells) {
  describe(`a promotion under ${shell}`, () => {
    it('has each step on disk before the next one: intent, profile, boot loader, verdict', async () => {
      assert.deepEqual(await promotion(shell, { loaderExit: 0, boots: 'new' }), [
        'sync -f records',
        'mv -f records/pending.new records/pending.json',
        'sync -f records',
        'nix-env --profile profiles/system --set new',
        'sync -f profiles',
        'new/bin/switch-to-configuration boot',
        'sync -f boot',
        'history promoted',
        'sync -f records',
        'rm -f records/pending.json records/pending.new',
        'sync -f records',
      ]);
      assert.deepEqual(await readdir(join(directory, 'records')), []);
      assert.equal(await readFile(join(directory, 'run/flurry/d1/end'), 'utf8'), 'verdict promoted\n');
    });

    it('has the EFI system partition on disk too, where it is mounted below /boot', async () => {
      await mkdir(join(directory, 'boot/efi'), { recursive: true });
      const calls = await promotion(shell, { loaderExit: 0, boots: 'new' });
      assert.deepEqual(calls.slice(5, 8), ['new/bin/switch-to-configuration boot', 'sync -f boot', 'sync -f boot/efi']);
    });

    it('whose boot loader fails leaves the intent, says no verdict, and names the step', async () => {
      const calls = await promotion(shell, { loaderExit: 1, boots: 'old' });
      assert.deepEqual(calls.slice(-2), ['new/bin/switch-to-configuration boot', 'step bootloader']);
      assert.deepEqual(await readdir(join(directory, 'records')), ['pending.json']);
    });

    it('that is a trial writes the boot loader only when the profile is back, and then what is booted once', async () => {
      assert.deepEqual(await promotion(shell, { loaderExit: 0, boots: 'old', step: 'stage_trial' }), [
        'sync -f records',
        'mv -f records/pending.new records/pending.json',
        'sync -f records',
        'nix-env --profile profiles/system --set new',
        'nix-env --profile profiles/system --switch-generation 1',
        'sync -f profiles',
        'old/bin/switch-to-configuration boot',
        'sync -f boot',
        'boot-once new',
        'sync -f boot',
        'history tested',
        'sync -f records',
        'rm -f records/pending.json records/pending.new',
        'sync -f records',
      ]);
      assert.equal(await readFile(join(directory, 'run/flurry/d1/end'), 'utf8'), 'verdict tested\nboots-once yes\n');
    });

    it('that is a trial whose default moved is none', async () => {
      const calls = await promotion(shell, { loaderExit: 0, boots: 'new', step: 'stage_trial' });
      assert.deepEqual(calls.slice(-2), ['sync -f boot', 'step boot-entry']);
    });

    it('that is a trial which the boot loader did not take is none', async () => {
      const calls = await promotion(shell, { loaderExit: 0, boots: 'old', step: 'stage_trial', once: '-' });
      assert.deepEqual(calls.slice(-2), ['boot-once new', 'step boot-once']);
    });

    it('whose boot entry is not there although its program said so is none', async () => {
      const calls = await promotion(shell, { loaderExit: 0, boots: 'old' });
      assert.deepEqual(calls.slice(-2), ['sync -f boot', 'step boot-entry']);
    });
  });
}
