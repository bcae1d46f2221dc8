import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { textIfPresent } from './file.ts';
import type { HostState } from './fleet-state.ts';
import { insideIfUp } from './inside.ts';
import { leaderPid, nspawnPid } from './leader.ts';
import { scriptPath } from './paths.ts';
import { poll } from './poll.ts';

const bootLimitMs = 90_000;

/** Switches the host on and waits until its boot is finished, degraded or not; rejects if it does not boot. */
export async function powerOn(host: HostState): Promise<void> {
  if ((await nspawnPid(host)) !== undefined) throw new Error(`${host.name} is already on`);
  await rm(join(host.directory, 'status'), { force: true });
  const args = [host.directory, host.name, host.machineId, host.netns, host.cgroup];
  spawn('sh', [scriptPath('run-host.sh'), ...args], { detached: true, stdio: 'ignore' }).unref();
  await bootFinished(host, { bootIdNot: '' });
}

/** Asks the host to shut down, as by its power button, and waits until it is off. */
export async function powerOff(host: HostState): Promise<void> {
  const pid = await nspawnPid(host);
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  await isOff(host);
}

/** Cuts the power. */
export async function cutPower(host: HostState): Promise<void> {
  // The leader first: systemd-nspawn killed alone leaves the host running without it.
  const pids = [await leaderPid(host), await nspawnPid(host)];
  for (const pid of pids) if (pid !== undefined) process.kill(pid, 'SIGKILL');
  await isOff(host);
  const [leader] = pids;
  await poll(async () => (leader === undefined || (await hasEnded(leader)) ? true : undefined), {
    what: `${host.name}'s processes are gone`,
    limitMs: 20_000,
    everyMs: 20,
  });
}

/** Reboots the host from inside and waits until the new boot is finished. */
export async function reboot(host: HostState): Promise<void> {
  const before = await insideIfUp(host, 'cat /proc/sys/kernel/random/boot_id');
  if (before === undefined) throw new Error(`${host.name} is off: it cannot be rebooted`);
  // `systemctl reboot` goes through dbus and logind, which hang for 25 s where dbus was restarted.
  await insideIfUp(host, 'systemctl start --no-block --job-mode=replace-irreversibly reboot.target');
  await bootFinished(host, { bootIdNot: before.stdout.trim() });
}

/** Waits until a boot other than the given one is finished; rejects at once if the host does not boot. */
export async function bootFinished(host: HostState, options: { readonly bootIdNot: string }): Promise<void> {
  const script = `
    id=$(cat /proc/sys/kernel/random/boot_id)
    [ "$id" != "$1" ] && [ -S /run/systemd/private ] || exit 1
    systemctl is-system-running --wait; cat /proc/1/comm`;
  await poll(
    async () => {
      const off = await offStatus(host);
      if (off !== undefined) throw new Error(`${host.name} did not boot (status ${off}):\n${await consoleTail(host)}`);
      const asked = await insideIfUp(host, script, [options.bootIdNot], { timeoutMs: bootLimitMs });
      return asked !== undefined && /^(running|degraded)\nsystemd\n$/.test(asked.stdout) ? true : undefined;
    },
    { what: `${host.name} finishes its boot`, limitMs: bootLimitMs },
  );
}

/** The last lines that the host wrote to its console. */
export async function consoleTail(host: HostState): Promise<string> {
  const text = (await textIfPresent(join(host.directory, 'console.log'))) ?? '';
  return text.split('\n').slice(-15).join('\n');
}

async function isOff(host: HostState): Promise<void> {
  await poll(async () => offStatus(host), { what: `${host.name} is off`, limitMs: 120_000 });
}

async function offStatus(host: HostState): Promise<string | undefined> {
  const status = (await textIfPresent(join(host.directory, 'status')))?.trim();
  return status === '' || status === '133' ? undefined : status;
}

async function hasEnded(pid: number): Promise<boolean> {
  const status = await textIfPresent(`/proc/${pid}/status`);
  return status === undefined || /^State:\s+[ZX]/m.test(status);
}
