import { askedBy } from '../core/check.ts';
import type { Host } from '../core/host.ts';
import type { Fleet } from './fleet/fleet.ts';
import { type GivenSettings, isSetting, withFlake } from './given.ts';
import type { Option } from './option.ts';
import { settingOf } from './option-names.ts';
import { options } from './options.ts';
import type { Selected } from './selection.ts';

/** A setting that holds. */
export interface Held {
  readonly setting: string;
  /** As JSON and Nix have it; null where nothing is set. */
  readonly value: unknown;
  /** `--settle`, `FLURRY_SETTLE`, `flurry.hosts.web1.limits.settle`, `destination` or `default`. */
  readonly from: string;
}

/** Lists what holds for a run as a whole, and for hosts that the flake does not name. */
export function heldOfRun(typed: GivenSettings, { defaults, login, checks, places }: Fleet): readonly Held[] {
  const own = ['user', 'port'] as const;
  return [
    ...own.map((setting) => ({ setting, value: login[setting] ?? null, from: places.get(setting) ?? 'default' })),
    ...shown.map((option) => held(option, withFlake(typed, defaults, 'deploy'))),
    ...heldChecks(checks),
  ];
}

/** Lists what holds for one host; what is of the whole run is left out. */
export function heldOfHost(
  typed: GivenSettings,
  { host, settings, checks }: Selected,
  { hosts }: Fleet,
): readonly Held[] {
  const said = hosts.find((one) => one.host.name === host.name);
  const own = ['address', 'user', 'port', 'configuration', 'hostKeys', 'machineId'] as const;
  const given = withFlake(typed, settings, 'deploy');
  return [
    ...own.map((setting) => ({ setting, value: host[setting] ?? null, from: fromOf(setting, host, said) })),
    { setting: 'tags', value: said?.tags ?? [], from: said?.places.get('tags') ?? 'default' },
    { setting: 'dependsOn', value: said?.dependsOn ?? [], from: said?.places.get('dependsOn') ?? 'default' },
    ...shown.filter(({ inFlake }) => inFlake === 'host').map((option) => held(option, given)),
    ...heldChecks(checks),
  ];
}

/** Of each check what it asks; null where one of all hosts is not made. */
function heldChecks(checks: Selected['checks']): readonly Held[] {
  return [...checks].map(([name, { check, place }]) => ({
    setting: `checks.${name}`,
    value: check === 'off' ? null : askedBy(check.probe),
    from: place,
  }));
}

const all: readonly Option[] = options;
const shown = all.filter((option) => isSetting(option) && option.verbs.some((verb) => verb === 'deploy'));

function fromOf(
  setting: 'address' | 'user' | 'port' | 'configuration' | 'hostKeys' | 'machineId',
  host: Host,
  said: Fleet['hosts'][number] | undefined,
): string {
  const isTyped = host[setting] !== undefined && host[setting] !== said?.host[setting];
  return isTyped ? 'destination' : (said?.places.get(setting) ?? 'default');
}

function held(option: Option, given: GivenSettings): Held {
  const setting = settingOf(option);
  const one = given.get(setting);
  const from = one === undefined || one.from === 'default' ? 'default' : one.source;
  return {
    setting: option.group === 'Time limits' ? `limits.${setting}` : setting,
    value: valueHeld(option, one?.value),
    from,
  };
}

function valueHeld(option: Option, value: unknown): unknown {
  switch (option.kind) {
    case 'boolean':
      return value !== undefined && /^(1|true|yes|on)$/i.test(String(value).trim());
    case 'count':
      return value === undefined ? 0 : value === true ? 1 : Number(value);
    case 'integer':
      return value === undefined ? null : Number(value);
    case 'list':
    case 'pairs':
      return value ?? [];
    default:
      return value ?? null;
  }
}
