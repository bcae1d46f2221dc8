import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { runShell, shells, shippedScript } from './shell-functions.ts';

// What the boot loaders' files look like is NixOS's and the loaders' own; their programs are spies here, and the fleet's
// stand-ins on real hosts (test/deploy/reboot*.test.ts).

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flurry-once-'));
  for (const folder of ['bin', 'boot', 'efivars', 'profiles']) await mkdir(at(folder));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const at = (path: string): string => join(directory, path);
const vendor = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';

async function file(path: string, text: string): Promise<void> {
  await mkdir(join(at(path), '..'), { recursive: true });
  await writeFile(at(path), text);
}

async function spy(name: string, text = ''): Promise<void> {
  await file(`bin/${name}`, `#!/bin/sh\necho "${name} $*" >>"$CALLS"\n${text}\n`);
  await chmod(at(`bin/${name}`), 0o755);
}

/** Runs the functions over files that were moved below the folder of this test. */
async function say(shell: (typeof shells)[number], ...commands: readonly string[]): Promise<string> {
  const moved = {
    '/sys/firmware/efi/efivars': at('efivars'),
    '/nix/var/nix/profiles': at('profiles'),
    '/boot': at('boot'),
  };
  const environment = { PATH: `${at('bin')}:/usr/bin:/bin`, CALLS: at('calls') };
  const texts = [...['boot-default', 'boot-once'].map((name) => shippedScript(name, moved)), ...commands];
  return await runShell(shell, texts, [], environment);
}

const calls = async (): Promise<string> => (await readFile(at('calls'), 'utf8')).replaceAll(directory, '');

/** A variable as the kernel shows it: four bytes of attributes, then UTF-16 with a final NUL. */
async function variable(name: string, text: string): Promise<void> {
  await writeFile(
    at(`efivars/${name}-${vendor}`),
    Buffer.concat([Buffer.from([7, 0, 0, 0]), Buffer.from(`${text}\0`, 'utf16le')]),
  );
}

async function systemdBoot(): Promise<void> {
  await file('boot/loader/loader.conf', 'timeout 5\ndefault nixos-generation-1.conf\n');
  const entries = { '1': '/nix/store/a-old', '2+3': '/nix/store/b-new', '2-specialisation-x': '/nix/store/c-other' };
  for (const [name, toplevel] of Object.entries(entries)) {
    await file(
      `boot/loader/entries/nixos-generation-${name}.conf`,
      `title NixOS\noptions init=${toplevel}/init quiet\n`,
    );
  }
}

async function grub(): Promise<void> {
  const entry = (title: string, system: string): string =>
    `menuentry "${title}" --class nixos {\n  linux ($drive1)//kernels/k init=/nix/store/${system}/init loglevel=4\n}\n`;
  await file(
    'boot/grub/grub.cfg',
    [
      `if [ "\${next_entry}" ]; then\n  set default="\${next_entry}"\nelse\n  set default=0\nfi\n`,
      'menuentry "memtest" {\n  linux /memtest\n}\n',
      entry('NixOS - Default', 'a-old'),
      'submenu "NixOS - All configurations" --class submenu {\n',
      entry('NixOS - Configuration 3', 'b-new'),
      entry('NixOS - Configuration 2', 'a-old'),
      '}\n',
      entry('behind', 'd-behind'),
    ].join(''),
  );
}

for (const shell of shells) {
  describe(`what is booted once, under ${shell}`, () => {
    it('is for systemd-boot no default: LoaderEntryOneShot is told apart, LoaderEntryDefault is not', async () => {
      await systemdBoot();
      await variable('LoaderEntryOneShot', 'nixos-generation-2.conf');
      assert.equal(await say(shell, 'boot_default; boots_once'), 'systemd-boot /nix/store/a-old\n/nix/store/b-new\n');
      await variable('LoaderEntryDefault', 'nixos-generation-2-specialisation-x');
      assert.equal(await say(shell, 'boot_default'), 'systemd-boot /nix/store/c-other\n');
    });

    it('is for systemd-boot named without the tries that boot counting keeps in the file name', async () => {
      await systemdBoot();
      await spy('bootctl');
      assert.equal(await say(shell, 'boot_once /nix/store/b-new && boots_once'), '-\n');
      assert.equal(await calls(), 'bootctl set-oneshot nixos-generation-2.conf\n');
      await assert.rejects(say(shell, 'boot_once /nix/store/nowhere'));
    });

    it('is for GRUB a number within a submenu', async () => {
      await grub();
      await spy('grub-reboot');
      assert.equal(
        await say(shell, 'grub_entries'),
        '1 /nix/store/a-old\n2>0 /nix/store/b-new\n2>1 /nix/store/a-old\n3 /nix/store/d-behind\n',
      );
      await say(shell, 'sync() { :; }; boot_once /nix/store/b-new');
      assert.equal(await calls(), 'grub-reboot --boot-directory=/boot 2>0\n');
      await file('boot/grub/grubenv', '# GRUB Environment Block\nsaved_entry=0\nnext_entry=2>0\n########');
      assert.equal(await say(shell, 'boots_once'), '/nix/store/b-new\n');
      await spy('grub-editenv');
      await say(shell, 'sync() { :; }; boot_no_once');
      assert.match(await calls(), /\ngrub-editenv \/boot\/grub\/grubenv unset next_entry\n$/);
    });

    it('is nothing to take back where nothing is set, and is not asked of other loaders', async () => {
      await systemdBoot();
      assert.equal(await say(shell, 'boots_once; boot_no_once && echo fine'), '-\nfine\n');
      await rm(at('boot/loader'), { recursive: true });
      await file('boot/extlinux/extlinux.conf', 'DEFAULT a\nLABEL a\n  APPEND init=/nix/store/a-old/init\n');
      assert.equal(await say(shell, 'boots_once; boot_once /nix/store/a-old || echo cannot'), '-\ncannot\n');
    });

    it('is possible only where the loader can, another system is the default, and the profile says the same', async () => {
      const old = at('a-old');
      await mkdir(old);
      await symlink(old, at('profiles/system-1-link'));
      await symlink('system-1-link', at('profiles/system'));
      const can = async (toplevel: string): Promise<string> =>
        await say(shell, `if can_boot_once ${toplevel}; then echo can; else echo cannot; fi`);
      await file('boot/loader/loader.conf', 'default one\n');
      await file('boot/loader/entries/one.conf', `options init=${old}/init\n`);
      assert.equal(await can('/nix/store/b-new'), 'cannot\n');
      await spy('bootctl');
      assert.equal(await can('/nix/store/b-new'), 'cannot\n');
      await variable('LoaderInfo', 'systemd-boot 257');
      assert.equal(await can('/nix/store/b-new'), 'can\n');
      assert.equal(await can(old), 'cannot\n');
      await file('boot/loader/entries/one.conf', 'options init=/nix/store/c-other/init\n');
      assert.equal(await can('/nix/store/b-new'), 'cannot\n');

      await rm(at('boot/loader'), { recursive: true });
      await file('boot/grub/grub.cfg', `set default=0\nmenuentry "a" {\n linux k init=${old}/init\n}\n`);
      assert.equal(await can('/nix/store/b-new'), 'cannot\n');
      await spy('grub-reboot');
      await spy('grub-editenv');
      for (const [place, answer] of [
        ['ext4 /dev/sda1', 'can'],
        ['btrfs /dev/sda1[/boot]', 'cannot'],
        ['ext4 /dev/mapper/vg-root', 'cannot'],
        ['ext4 /dev/md0', 'cannot'],
      ]) {
        await spy('findmnt', `echo '${place}'`);
        assert.equal(await can('/nix/store/b-new'), `${answer}\n`, place);
      }
    });
  });
}
