import type { Host } from '../../core/host.ts';
import type { Problem } from '../../core/problem.ts';
import type { GivenSettings } from '../given.ts';
import type { Declared } from './read-checks.ts';

/** A host of the flake, with what the flake says of it. */
export interface FleetHost {
  readonly host: Host;
  readonly tags: readonly string[];
  /** Names of hosts that must be well before it starts, where they are in the same run. */
  readonly dependsOn: readonly string[];
  /** Its own settings above those of all hosts, each with its place in the flake. */
  readonly settings: GivenSettings;
  /** Its own, and those of all hosts whose names it does not use itself. */
  readonly checks: ReadonlyMap<string, Declared>;
  /** Where the flake says what, for what is no option: `port` → `flurry.defaults.port`. */
  readonly places: ReadonlyMap<string, string>;
}

/** The hosts that can be meant by a name, a pattern or a tag. */
export interface Fleet {
  /** `declared` by the output `flurry`; else each of the nixosConfigurations is a host of its name; else no flake was read. */
  readonly kind: 'declared' | 'configurations' | 'none';
  /** By name, in its order. */
  readonly hosts: readonly FleetHost[];
  /** What the flake says of a run as a whole, and of hosts that it does not name. */
  readonly defaults: GivenSettings;
  readonly login: Pick<Host, 'user' | 'port'>;
  /** Of hosts that it does not name. */
  readonly checks: ReadonlyMap<string, Declared>;
  /** Where the flake says what of `login`. */
  readonly places: ReadonlyMap<string, string>;
  /** All that is wrong with what the flake says; the rest of it was read all the same. With one, no request can be read. */
  readonly problems: readonly Problem<'bad-argument'>[];
}

export const noFleet: Fleet = {
  kind: 'none',
  hosts: [],
  defaults: new Map(),
  login: {},
  checks: new Map(),
  places: new Map(),
  problems: [],
};
