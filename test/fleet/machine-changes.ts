import { mkdir, rm } from 'node:fs/promises';
import { z } from 'zod';
import { announce } from './announce.ts';
import { replaceFile, textIfPresent } from './file.ts';
import { changesFile, stateRoot } from './paths.ts';
import { program } from './program.ts';

const Changes = z.object({ packages: z.array(z.string()), sysctls: z.record(z.string(), z.string()) });
type Changes = z.infer<typeof Changes>;

const commandPackages = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  ip: 'iproute2',
  nft: 'nftables',
  'ssh-keygen': 'openssh-client',
  nix: 'nix-bin',
  flock: 'util-linux',
  'mkfs.ext4': 'e2fsprogs',
} as const;

/** Of programs that tests want and that come by another name. */
const otherPackages: ReadonlyMap<string, string> = new Map([['ping', 'iputils-ping']]);

const wantedSysctls = {
  // 128 as a rule: systemd in the hosts after about the tenth then fails with "Too many open files".
  'fs.inotify.max_user_instances': 8192,
} as const;

/**
 * Installs the packages and sets the sysctls that a fleet needs, and packages for other programs, most of them named like
 * the program. Call it with the registry lock held.
 */
export async function prepareMachine(others: readonly string[] = []): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('a fleet needs root on a Linux machine: run it as root');
  await mkdir(stateRoot, { recursive: true, mode: 0o700 });
  await installMissingPackages([
    ...Object.entries(commandPackages),
    ...others.map((name) => [name, otherPackages.get(name) ?? name] as const),
  ]);
  for (const [name, wanted] of Object.entries(wantedSysctls)) await raiseSysctl(name, wanted);
}

/** Puts sysctls back; removes the packages that we installed, and only those. */
export async function undoMachineChanges(): Promise<void> {
  const changes = await recordedChanges();
  for (const [name, old] of Object.entries(changes.sysctls)) {
    announce(`sysctl ${name} back to ${old}`);
    await program('sysctl', ['-q', '-w', `${name}=${old}`]);
  }
  if (changes.packages.length > 0) {
    announce(`removing the packages that the fleet installed: ${changes.packages.join(' ')}`);
    await aptGet(['remove', ...changes.packages]);
  }
  await rm(changesFile, { force: true });
}

async function installMissingPackages(wanted: readonly (readonly [string, string])[]): Promise<void> {
  const missing: string[] = [];
  for (const [command, name] of wanted) {
    const found = await program('sh', ['-c', 'command -v "$1"', 'sh', command], { allowFailure: true });
    if (found.code !== 0) missing.push(name);
  }
  if (missing.length === 0) return;
  announce(`installing Debian packages on this machine: ${missing.join(' ')}`);
  const before = await recordedChanges();
  await record({ ...before, packages: [...new Set([...before.packages, ...missing])] });
  await aptGet(['update']);
  await aptGet(['install', ...missing]);
}

async function aptGet(args: readonly string[]): Promise<void> {
  await program('apt-get', ['-q', '-y', '--no-install-recommends', ...args], {
    timeoutMs: 600_000,
    environment: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

async function raiseSysctl(name: string, wanted: number): Promise<void> {
  const old = (await program('sysctl', ['-n', name])).stdout.trim();
  if (Number(old) >= wanted) return;
  const before = await recordedChanges();
  await record({ ...before, sysctls: { [name]: old, ...before.sysctls } });
  announce(`sysctl ${name}: ${old} → ${wanted} (npm run fleet:clean puts it back)`);
  await program('sysctl', ['-q', '-w', `${name}=${wanted}`]);
}

async function recordedChanges(): Promise<Changes> {
  const text = await textIfPresent(changesFile);
  return text === undefined ? { packages: [], sysctls: {} } : Changes.parse(JSON.parse(text));
}

async function record(changes: Changes): Promise<void> {
  await replaceFile(changesFile, `${JSON.stringify(changes, null, 2)}\n`);
}
