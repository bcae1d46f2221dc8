import { copyIn } from './copy-in.ts';
import { dumpHost } from './dump.ts';
import type { HostState } from './fleet-state.ts';
import { type HostFacts, hostFacts } from './host-facts.ts';
import { dropPackets, limitRate, mendFaults, setCable } from './host-network.ts';
import { cutPower, powerOff, powerOn, reboot } from './host-power.ts';
import { type InsideOptions, inside, insideIfUp } from './inside.ts';
import { poll } from './poll.ts';
import type { ProgramResult } from './program.ts';

/** A real host under test. Nothing here uses SSH or flurry: it stays true when those are broken. */
export interface HostHandle {
  /** web1 and so on: also the machine's hostname and its name in the lease's ssh_config. */
  readonly name: string;
  readonly address: string;
  readonly machineId: string;
  /** Runs a sh script inside ($1 and on: args); rejects on failure unless allowed, and if the host is off. */
  inside(script: string, args?: readonly string[], options?: InsideOptions): Promise<ProgramResult>;
  /** Copies a file or folder of this machine to a path inside. */
  copyIn(from: string, to: string): Promise<void>;
  /** Returns when the new boot is finished, degraded or not. */
  reboot(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Cuts the power; the host stays off until start(). */
  hardStop(): Promise<void>;
  cutNetwork(): Promise<void>;
  /** Undoes the cut, the slow link and the loss. */
  mendNetwork(): Promise<void>;
  /** For example `4mbit`, both directions. */
  slowLink(bitsPerSecond: string): Promise<void>;
  loss(percent: number): Promise<void>;
  facts(): Promise<HostFacts>;
  /** Polls the script inside until it exits 0; a host that is off or rebooting counts as not yet. */
  waitUntil(what: string, script: string, limitMs: number): Promise<void>;
  /** Writes all that helps to understand a failure into the folder. */
  dump(directory: string): Promise<void>;
}

export function hostHandle(host: HostState): HostHandle {
  return {
    name: host.name,
    address: host.address,
    machineId: host.machineId,
    inside: (script, args, options) => inside(host, script, args, options),
    copyIn: (from, to) => copyIn(host, from, to),
    reboot: () => reboot(host),
    stop: () => powerOff(host),
    start: () => powerOn(host),
    hardStop: () => cutPower(host),
    cutNetwork: () => setCable(host, 'down'),
    mendNetwork: () => mendFaults(host),
    slowLink: (bitsPerSecond) => limitRate(host, bitsPerSecond),
    loss: (percent) => dropPackets(host, percent),
    facts: () => hostFacts(host),
    waitUntil: async (what, script, limitMs) => {
      const ask = async () => ((await insideIfUp(host, script))?.code === 0 ? true : undefined);
      await poll(ask, { what: `${host.name}: ${what}`, limitMs });
    },
    dump: (directory) => dumpHost(host, directory),
  };
}
