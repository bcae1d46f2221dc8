import { onHost, onHostAsRoot, type Place } from './place.ts';

// Which names systemd takes: systemd.unit(5), "String Escaping for Inclusion in Unit Names".
const unitName = /^[A-Za-z0-9:_.\\@-]{1,255}$/;

/** Gives the names that systemd would take, at most twelve; no unit has another one. */
export function unitNames(units: readonly string[]): readonly string[] {
  return units.filter((unit) => unitName.test(unit)).slice(0, 12);
}

/** Gives a command line about units of the host. */
export function unitsOnHost(place: Place, argv: readonly string[], units: readonly string[]): string {
  const named = unitNames(units);
  if (named.length === 0) return onHost(place, 'systemctl', '--failed', '--no-pager');
  // `-.mount` is a unit.
  return onHost(place, ...argv, ...(named.some((unit) => unit.startsWith('-')) ? ['--'] : []), ...named);
}

/** The same for journalctl, which takes each unit as an option. */
export function journalOnHost(place: Place, units: readonly string[]): string {
  const named = unitNames(units);
  return onHost(place, 'journalctl', '-b', '-n', '100', '--no-pager', ...named.map((unit) => `--unit=${unit}`));
}

/** A command line about units of the host that only root may run; null where there is no unit to name. */
export function unitsOnHostAsRoot(place: Place, argv: readonly string[], units: readonly string[]): string | null {
  const named = units.filter((unit) => unitName.test(unit)).slice(0, 12);
  return named.length === 0 ? null : onHostAsRoot(place, ...argv, '--', ...named);
}
