import type { UnitChanges } from '../core/forecast.ts';

/**
 * Reads what `switch-to-configuration dry-activate` says (switch-to-configuration-ng, and the Perl program before it): a line for each
 * kind of change, with the units behind a colon. `fresh` units are those that targets pull in, of which it does not
 * tell. Never throws: what is none of these lines is kept as it is.
 */
export function readDryActivation(lines: readonly string[], fresh: readonly string[] = []): UnitChanges {
  const found = new Map<Kind, readonly string[]>();
  const otherwise: string[] = [];
  for (const line of lines) {
    const [, kind, units = ''] = /^(would [A-Za-z ]+ following (?:changed )?units): (.*)$/.exec(line) ?? [];
    const known = kinds.get(kind ?? '');
    if (known !== undefined) found.set(known, [...(found.get(known) ?? []), ...units.split(/,\s*/)]);
    else if (!noNews.test(line)) otherwise.push(line);
  }
  const of = (kind: Kind): readonly string[] => sorted(found.get(kind) ?? []);
  const [stop, start] = [of('stop'), of('start')];
  return {
    stopped: stop.filter((unit) => !start.includes(unit)),
    started: sorted([...start.filter((unit) => !stop.includes(unit)), ...fresh]),
    restarted: sorted([...of('restart'), ...stop.filter((unit) => start.includes(unit))]),
    reloaded: of('reload'),
    leftAlone: of('keep'),
    otherwise,
  };
}

type Kind = 'stop' | 'start' | 'restart' | 'reload' | 'keep';

const kinds: ReadonlyMap<string, Kind> = new Map([
  ['would stop the following units', 'stop'],
  ['would NOT stop the following changed units', 'keep'],
  ['would reload the following units', 'reload'],
  ['would restart the following units', 'restart'],
  ['would start the following units', 'start'],
]);

/** It says so each time. */
const noNews = /^(?:would activate the configuration\.\.\.|(?:Not c|C)hecking switch inhibitors.*|\s*)$/;

function sorted(units: readonly string[]): readonly string[] {
  return [...new Set(units.map((unit) => unit.trim()).filter((unit) => unit !== ''))].toSorted();
}
