import type { FleetState, HostState } from './fleet-state.ts';
import { program } from './program.ts';

const bridgeMask = 24;

/** Subnets that fleets choose from: 10.213.0 to 10.240.255. */
export function randomSubnet(): string {
  return `10.${213 + Math.floor(Math.random() * 28)}.${Math.floor(Math.random() * 256)}`;
}

/** The subnets (first three numbers) of all addresses and routes that this machine has now. */
export async function usedSubnets(): Promise<ReadonlySet<string>> {
  const shown = await Promise.all([program('ip', ['-4', 'address', 'show']), program('ip', ['-4', 'route', 'show'])]);
  const text = shown.map((result) => result.stdout).join('\n');
  return new Set([...text.matchAll(/\b(\d+\.\d+\.\d+)\.\d+\b/g)].map((match) => match[1] ?? ''));
}

/** Makes the run's bridge; this machine is its address .1. */
export async function makeBridge(state: FleetState): Promise<void> {
  await ipBatch([
    `link add ${state.bridge} type bridge`,
    `address add ${state.subnet}.1/${bridgeMask} dev ${state.bridge}`,
    `link set ${state.bridge} up`,
  ]);
}

/** A network namespace for the host, with a cable to the bridge. */
export async function plugIn(state: FleetState, host: HostState): Promise<void> {
  await program('ip', ['netns', 'add', host.netns]);
  await ipBatch([
    `link add ${host.cable} type veth peer name eth0 netns ${host.netns}`,
    `link set ${host.cable} master ${state.bridge} up`,
  ]);
  await ipBatch(
    [`address add ${host.address}/${bridgeMask} dev eth0`, 'link set eth0 up', 'link set lo up'],
    ['-n', host.netns],
  );
}

/** Cuts or mends the cable: nothing passes, nobody is told. */
export async function setCable(host: HostState, position: 'up' | 'down'): Promise<void> {
  await program('ip', ['link', 'set', host.cable, position]);
}

/** Limits the rate in both directions, for example to 4mbit (tc's units). */
export async function limitRate(host: HostState, rate: string): Promise<void> {
  const shaping = ['root', 'tbf', 'rate', rate, 'burst', '32kbit', 'latency', '400ms'];
  await program('tc', ['qdisc', 'replace', 'dev', host.cable, ...shaping]);
  await program('ip', ['netns', 'exec', host.netns, 'tc', 'qdisc', 'replace', 'dev', 'eth0', ...shaping]);
}

/** Drops packets at random in both directions; by nftables, since netem is missing from some kernels. */
export async function dropPackets(host: HostState, percent: number): Promise<void> {
  // nft refuses a comparison that is always true.
  const chance = percent >= 100 ? '' : `numgen random mod 1000 < ${Math.round(percent * 10)}`;
  const rule = `iifname "eth0" ${chance} drop`;
  const table = [
    'table inet fleet {',
    `  chain in { type filter hook input priority 0; ${rule}; }`,
    `  chain out { type filter hook output priority 0; ${rule.replace('iifname', 'oifname')}; }`,
    '}',
  ];
  await removeLoss(host);
  await program('ip', ['netns', 'exec', host.netns, 'nft', '-f', '-'], { input: table.join('\n') });
}

/** Undoes every fault: the cable is in, no limit, no loss. */
export async function mendFaults(host: HostState): Promise<void> {
  await Promise.all([
    setCable(host, 'up'),
    program('ip', ['-n', host.netns, 'link', 'set', 'eth0', 'up']),
    program('tc', ['qdisc', 'del', 'dev', host.cable, 'root'], { allowFailure: true }),
    program('ip', ['netns', 'exec', host.netns, 'tc', 'qdisc', 'del', 'dev', 'eth0', 'root'], { allowFailure: true }),
    removeLoss(host),
  ]);
}

/** Removes what plugIn made, as far as it is there; the cable goes with its namespace. */
export async function unplug(host: HostState): Promise<void> {
  await program('ip', ['link', 'del', host.cable], { allowFailure: true });
  await program('ip', ['netns', 'del', host.netns], { allowFailure: true });
}

export async function removeBridge(state: FleetState): Promise<void> {
  await program('ip', ['link', 'del', state.bridge], { allowFailure: true });
}

async function removeLoss(host: HostState): Promise<void> {
  // "add" before "delete": no failure where there is none.
  const script = 'add table inet fleet; delete table inet fleet';
  await program('ip', ['netns', 'exec', host.netns, 'nft', '-f', '-'], { input: script });
}

async function ipBatch(lines: readonly string[], flags: readonly string[] = []): Promise<void> {
  await program('ip', [...flags, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}
