import { z } from 'zod';
import { textIfPresent } from './file.ts';

const HostState = z.object({
  name: z.string(),
  address: z.string(),
  machineId: z.string(),
  /** Holds the disk image, the mounts, the console's text and the process ids. */
  directory: z.string(),
  netns: z.string(),
  /** This machine's end of the host's cable. */
  cable: z.string(),
  cgroup: z.string(),
});

const FleetState = z.object({
  version: z.literal(1),
  id: z.string(),
  key: z.string(),
  ownerPid: z.number(),
  directory: z.string(),
  bridge: z.string(),
  /** The first three numbers of the run's addresses. */
  subnet: z.string(),
  layers: z.array(z.string()),
  baseToplevel: z.string(),
  identity: z.string(),
  knownHosts: z.string(),
  sshConfig: z.string(),
  hosts: z.array(HostState),
});

/** One host of a run, as any process can find it. */
export type HostState = Readonly<z.infer<typeof HostState>>;

/**
 * A run and all that it owns. It is written before anything of it is made (as `record.json`), so that a later run can
 * take it down, and once more (as `fleet.json`) when all hosts are up.
 */
export type FleetState = Readonly<z.infer<typeof FleetState>>;

/** Reads a state file; undefined if there is none. */
export async function fleetStateIfPresent(path: string): Promise<FleetState | undefined> {
  const text = await textIfPresent(path);
  return text === undefined ? undefined : FleetState.parse(JSON.parse(text));
}

/** Reads a state file that has to be there. */
export async function fleetState(path: string): Promise<FleetState> {
  const state = await fleetStateIfPresent(path);
  if (state === undefined) throw new Error(`no fleet's state file: ${path}`);
  return state;
}
