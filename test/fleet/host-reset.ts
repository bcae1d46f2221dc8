import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { announce } from './announce.ts';
import { textIfPresent } from './file.ts';
import type { FleetState, HostState } from './fleet-state.ts';
import { killEverything } from './host-cgroup.ts';
import { makeDisk, removeDisk } from './host-disk.ts';
import { cursorFile } from './host-facts.ts';
import { mendFaults } from './host-network.ts';
import { powerOn } from './host-power.ts';
import { inside } from './inside.ts';
import { leaderPid } from './leader.ts';
import { scriptPath } from './paths.ts';
import { sshAnswers } from './ssh-banner.ts';

/** Boots a host with a fresh disk and notes how it looks, for later resets to compare with. */
export async function firstBoot(state: FleetState, host: HostState): Promise<void> {
  await makeDisk(state, host);
  await powerOn(host);
  const fingerprint = await runReset(state, host, 'note');
  if (!fingerprint.includes('state=running\n')) {
    const failed = fingerprint.split('\n').filter((line) => /^(state|failed)=/.test(line));
    throw new Error(`${host.name} did not come up clean: ${failed.join(', ')}`);
  }
  await sshAnswers(host, 10_000);
  await writeFile(fingerprintFile(host), fingerprint);
}

/**
 * Brings a host back to the base system, whatever was done to it, without a word over SSH: in place (well under a
 * second) if that checks out, else with a fresh disk. Its address, machine id and host key stay.
 */
export async function resetHost(state: FleetState, host: HostState): Promise<void> {
  await mendFaults(host);
  const trouble = await resetInPlace(state, host).catch((error: unknown) => String(error));
  if (trouble !== undefined) {
    announce(`${host.name} is made anew: ${trouble}`);
    await removeHostSystem(host);
    await firstBoot(state, host);
  }
  const { stdout } = await inside(host, 'journalctl --quiet --lines=0 --show-cursor | sed -n "s/^-- cursor: //p"');
  await writeFile(cursorFile(host), stdout.trim());
}

/** Ends the host and deletes its disk. */
export async function removeHostSystem(host: HostState): Promise<void> {
  await killEverything(host);
  await removeDisk(host);
  for (const name of ['nspawn.pid', 'status']) await rm(join(host.directory, name), { force: true });
}

/** Returns what is still wrong, or undefined if the host is as after its first boot. */
async function resetInPlace(state: FleetState, host: HostState): Promise<string | undefined> {
  if ((await leaderPid(host)) === undefined) return 'it is off';
  const wanted = (await textIfPresent(fingerprintFile(host))) ?? '';
  const found = await runReset(state, host, 'reset');
  const differences = found.split('\n').filter((line) => !wanted.split('\n').includes(line));
  if (differences.length > 0) return `still different: ${differences.join(', ')}`;
  await sshAnswers(host, 5_000);
  return undefined;
}

async function runReset(state: FleetState, host: HostState, mode: 'note' | 'reset'): Promise<string> {
  const script = await readFile(scriptPath('reset.sh'), 'utf8');
  const { stdout } = await inside(host, script, [state.baseToplevel, mode], { timeoutMs: 30_000 });
  return stdout;
}

function fingerprintFile(host: HostState): string {
  return join(host.directory, 'fingerprint');
}
