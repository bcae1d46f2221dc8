import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { announce } from './announce.ts';
import { debianMirror } from './debian-mirror.ts';
import { textIfPresent } from './file.ts';
import { fileLock } from './file-lock.ts';
import { cacheRoot, scriptPath, standInFlake } from './paths.ts';
import { program } from './program.ts';
import { recordedRuns } from './recorded-runs.ts';

const suite = 'trixie';

const keptLayers = 4;

const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'sudo', 'iproute2', 'iputils-ping', 'util-linux', 'procps'],
  ...['nix-bin', 'nix-setup-systemd', 'ca-certificates', 'bash-static', 'curl', 'fish', 'opendoas', 'polkitd'],
] as const;

export interface RootFileSystem {
  /** Read-only layers for overlayfs, topmost first. */
  readonly layers: readonly string[];
  /** The toplevel that every host starts with. */
  readonly baseToplevel: string;
}

/**
 * The root file system, made once and cached in two layers: Debian (half a minute) and the base system built by the
 * stand-in for nixpkgs (a few seconds), so that work on the stand-in does not cost a debootstrap each time.
 */
export async function rootFileSystem(): Promise<RootFileSystem> {
  await mkdir(cacheRoot, { recursive: true });
  const debian = await cached('rootfs', await debianKey(), makeDebianLayer);
  const system = await cached('system', await systemKey(debian), (draft) => makeSystemLayer(debian, draft));
  const baseToplevel = await readFile(join(system, 'toplevel'), 'utf8');
  return { layers: [join(system, 'root'), join(debian, 'root')], baseToplevel: baseToplevel.trim() };
}

/** The topmost layer that the root file system has now or would get, without making it. */
export async function expectedTopLayer(): Promise<string> {
  const debian = join(cacheRoot, `rootfs-${await debianKey()}`);
  return join(cacheRoot, `system-${await systemKey(debian)}`, 'root');
}

/** A folder of the cache, made in a draft that is renamed when whole; several processes may ask at once. */
async function cached(kind: string, key: string, make: (draft: string) => Promise<void>): Promise<string> {
  const final = join(cacheRoot, `${kind}-${key}`);
  if ((await textIfPresent(join(final, 'whole'))) !== undefined) return final;
  const lock = await fileLock(join(cacheRoot, `${kind}-${key}.lock`), 300_000);
  try {
    if ((await textIfPresent(join(final, 'whole'))) !== undefined) return final;
    const draft = `${final}.draft`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft);
    await make(draft);
    await writeFile(join(draft, 'whole'), '');
    await rename(draft, final);
    await removeOldest(kind, final);
    return final;
  } finally {
    await lock.release();
  }
}

/** Keeps the newest few of a kind: work on the stand-in makes a layer for each of its states. None in use is touched. */
async function removeOldest(kind: string, newest: string): Promise<void> {
  const used = new Set((await recordedRuns()).flatMap((run) => run.layers.map((layer) => dirname(layer))));
  const names = (await readdir(cacheRoot)).filter((name) => new RegExp(`^${kind}-[0-9a-f]{12}$`).test(name));
  const found = await Promise.all(
    names.map(async (name) => ({
      path: join(cacheRoot, name),
      time: (await stat(join(cacheRoot, name, 'whole'))).mtimeMs,
    })),
  );
  const old = found.sort((a, b) => b.time - a.time).slice(keptLayers);
  for (const { path } of old) if (path !== newest && !used.has(path)) await rm(path, { recursive: true, force: true });
}

async function debianKey(): Promise<string> {
  return hashOf([suite, ...packages, await readFile(scriptPath('configure-rootfs.sh'), 'utf8')]);
}

async function systemKey(debian: string): Promise<string> {
  const files = await standInFiles();
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const scripts = await Promise.all(
    ['fleet-loader.sh', 'install-base.sh'].map((name) => readFile(scriptPath(name), 'utf8')),
  );
  return hashOf([debian, ...scripts, ...files.map((file) => relative(standInFlake, file)), ...texts]);
}

/** The files of the stand-in that a base system can depend on: not its tests, not its documentation. */
async function standInFiles(): Promise<readonly string[]> {
  const entries = await readdir(standInFlake, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.(test\.ts|md)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

async function makeDebianLayer(draft: string): Promise<void> {
  const mirror = await debianMirror();
  announce(`making the hosts' Debian ${suite} root file system in ${draft} (once; about 330 MB, half a minute)`);
  const root = join(draft, 'root');
  await program(
    'mmdebstrap',
    ['--quiet', '--variant=minbase', `--include=${packages.join(',')}`, suite, root, `deb ${mirror} ${suite} main`],
    { timeoutMs: 600_000 },
  );
  await program('chroot', [root, 'sh', '-s'], { input: await readFile(scriptPath('configure-rootfs.sh'), 'utf8') });
}

async function makeSystemLayer(debian: string, draft: string): Promise<void> {
  announce(`building the base system of ${standInFlake} into ${draft}`);
  const merged = join(draft, 'merged');
  for (const name of ['root', 'work', 'merged']) await mkdir(join(draft, name));
  await program('chmod', ['755', join(draft, 'root')]);
  const lower = `lowerdir=${join(debian, 'root')},upperdir=${join(draft, 'root')},workdir=${join(draft, 'work')}`;
  // A mount namespace of its own: whatever happens to us, no mount is left behind.
  const built = await program(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', 'sh', scriptPath('in-rootfs.sh'), lower, merged, standInFlake],
    { timeoutMs: 300_000, input: await readFile(scriptPath('install-base.sh'), 'utf8'), environment: loaderPath() },
  );
  await writeFile(join(draft, 'toplevel'), built.stdout.trim());
  await rm(join(draft, 'work'), { recursive: true, force: true });
  await rm(merged, { recursive: true, force: true });
}

function loaderPath(): Record<string, string> {
  return { FLEET_LOADER: scriptPath('fleet-loader.sh') };
}
