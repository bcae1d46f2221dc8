import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleetVariable } from '../fleet/fleet.ts';
import { fleetState } from '../fleet/fleet-state.ts';
import type { HostHandle } from '../fleet/host-handle.ts';
import type { Lease } from '../fleet/lease.ts';
import { program } from '../fleet/program.ts';
import { type Coordinator, startCoordinator } from './coordinator.ts';
import { type ConfigurationName, configurations, faultyFlake } from './faulty-flake.ts';
import { packageUnderTest } from './package-under-test.ts';
import { type Point, type PointName, points } from './points.ts';

/** What all cases of a run share. */
export interface Stage extends AsyncDisposable {
  readonly program: string;
  readonly flake: string;
  /** The systems as plain Nix evaluates them. */
  readonly toplevels: Readonly<Record<ConfigurationName, string>>;
}

/** Makes the package under test and the flake. */
export async function makeStage(): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'flurry-faults-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const [path, flake] = await Promise.all([packageUnderTest(directory), faultyFlake(directory)]);
    return { program: path, flake, toplevels: await evaluate(flake), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function evaluate(flake: string): Promise<Stage['toplevels']> {
  const apply = 'builtins.mapAttrs (_: system: system.config.system.build.toplevel.outPath)';
  const words = ['--extra-experimental-features', 'nix-command flakes', 'eval', '--json', '--no-write-lock-file'];
  const { stdout } = await program('nix', [...words, `git+file://${flake}#nixosConfigurations`, '--apply', apply]);
  const toplevels: Record<ConfigurationName, string> = { ...configurations, ...JSON.parse(stdout) };
  return toplevels;
}

export interface Violation {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/** One deployment to one host, as a fault sees it. */
export interface Scene {
  readonly host: HostHandle;
  readonly toplevels: Stage['toplevels'];
  readonly coordinator: Coordinator;
  /** The unit that is at work at the point. */
  readonly mainUnit: string;
  /** Starts one more flurry. */
  deploy(configuration: ConfigurationName, ...words: readonly string[]): Coordinator;
  /** Notes a violation where what was found is not what was expected. */
  claim(what: string, expected: string, found: string): void;
}

// Small enough for a test, long enough for a busy machine.
const limits = [
  ...['--activation-timeout', '20s', '--confirm-timeout', '10s', '--rollback-timeout', '30s'],
  ...['--settle', '300ms', '--hold-window', '3s', '--self-check-timeout', '20s'],
];

export function deployTo(
  stage: Stage,
  lease: Lease,
  configuration: ConfigurationName,
  words: readonly string[],
  limitMs: number,
): Coordinator {
  const [host] = lease.hosts;
  const destination = `${host?.name}/${configuration}`;
  return startCoordinator({ ...stage, lease, words: [destination, ...limits, ...words], limitMs });
}

/** Says at which points the transaction is to halt. */
export async function wishHalts(host: HostHandle, point: PointName): Promise<void> {
  const { halt, behindReboot }: Point = points[point];
  const halts = [halt, ...(point === 'waiting' ? ['before-waiting'] : [])];
  const folder = behindReboot === true ? '/var/lib/fleet-halt' : '/run/fleet-halt';
  await host.inside('mkdir -p "$1" && cd "$1" && shift && touch "$@"', [folder, ...halts]);
}

/** Waits until the transaction halts there, with or without a word of the coordinator. */
export async function untilHalted(host: HostHandle, point: PointName, coordinator: Coordinator): Promise<void> {
  const at = (halt: string) => untilThere(host, `/run/fleet-halt/at-${halt}`, coordinator);
  if (point === 'waiting') {
    await at('before-waiting');
    await refuseConnections(host);
    await host.inside('rm /run/fleet-halt/before-waiting');
  }
  await at(points[point].halt);
  if (point === 'gated') await untilThere(host, '/run/flurry/*/released', coordinator);
  if (point === 'confirmed') await untilThere(host, '/run/flurry/*/confirmed', coordinator);
}

async function untilThere(host: HostHandle, path: string, coordinator: Coordinator): Promise<void> {
  const waited = new AbortController();
  const tooEarly = coordinator.ended.then((end) => {
    if (!waited.signal.aborted) throw new Error(`flurry ended before ${path} was there:\n${end.tail}`);
  });
  // A shell in there that waits costs less than asking again and again.
  const wait = host.waitUntil(
    `${path} is there`,
    `for i in $(seq 50); do ls ${path} >/dev/null 2>&1 && exit; sleep 0.1; done; exit 1`,
    150_000,
  );
  try {
    await Promise.race([wait, tooEarly]);
  } finally {
    waited.abort();
  }
}

/** Lets it go on: the folder goes first, so that it does not halt there again. */
export async function release(host: HostHandle): Promise<void> {
  await host
    .inside('mv /run/fleet-halt /run/fleet-released 2>/dev/null; rm -rf /run/fleet-released', [], {
      allowFailure: true,
    })
    .catch(() => {});
  await acceptConnections(host);
}

/** New connections are refused, while those that stand go on. */
async function refuseConnections(host: HostHandle): Promise<void> {
  const rule = 'tcp dport 22 tcp flags & (fin|syn|rst|ack) == syn drop';
  const table = `table inet fleet-faults { chain in { type filter hook input priority 0; ${rule}; }; }\n`;
  await program('ip', ['netns', 'exec', await networkOf(host), 'nft', '-f', '-'], { input: table });
}

async function acceptConnections(host: HostHandle): Promise<void> {
  const words = ['netns', 'exec', await networkOf(host), 'nft', 'delete', 'table', 'inet', 'fleet-faults'];
  await program('ip', words, { allowFailure: true });
}

async function networkOf(host: HostHandle): Promise<string> {
  const { hosts } = await fleetState(process.env[fleetVariable] ?? '');
  const network = hosts.find(({ name }) => name === host.name)?.netns;
  if (network === undefined) throw new Error(`${host.name} is no host of this fleet`);
  return network;
}
