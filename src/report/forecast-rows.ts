import { count, size } from '../core/explain/quantity.ts';
import type { ClosureChange, Forecast, PackageChange, UnitChanges, Unknown } from '../core/forecast.ts';
import type { Look } from './look.ts';
import { wrapped } from './width.ts';

/** What would become of a host, as the end of a sentence about it. */
export function wouldBe({ verdict, reboots }: Forecast): string {
  const rebooted = reboots ? ', with a reboot' : '';
  switch (verdict) {
    case 'promoted':
      return `would be promoted${rebooted}`;
    case 'tested':
      return 'would be tested, and boot what it booted before';
    case 'staged':
      return 'would be staged: boots it next, untested';
    case 'previewed':
      return 'would be previewed, and not changed';
    case 'built':
      return 'built: no more was asked for';
    default:
      return verdict;
  }
}

/** The rows that say what would be done, behind a word each; lists are wrapped, and long ones cut where JSON has the rest. */
export function forecastRows(forecast: Forecast, columns: number, look: Look): readonly string[] {
  const { units, closure, unknown } = forecast;
  const rows = [
    ...inhibitorRows(forecast, look),
    ...(units === null ? [] : unitRows(units, look)),
    ...(closure === null ? [] : closureRows(closure, look)),
    ...rebootRows(forecast),
    ...(unknown.length === 0 ? [] : [['open', unknown.map((one) => unknownWords[one]).join(', ')] as const]),
  ];
  return labelled(rows, columns, look);
}

type Row = readonly [label: string, words: string];

/** Puts words behind a label each, wrapped. */
export function labelled(rows: readonly Row[], columns: number, look: Look): readonly string[] {
  return rows.flatMap(([label, words]) =>
    wrapped(words, columns - labelWidth).map((line, index) =>
      index === 0 ? `${look.paint.dim(label.padEnd(labelWidth))}${line}` : `${' '.repeat(labelWidth)}${line}`,
    ),
  );
}

const labelWidth = 10;

function inhibitorRows({ inhibitors }: Forecast, look: Look): readonly Row[] {
  if (inhibitors.length === 0) return [];
  const { text, marks } = look;
  const changes = inhibitors.map(({ key, old, new: next }) => `${text(key)} ${text(old)} ${marks.arrow} ${text(next)}`);
  return [['live', `not possible, so it is not tested: ${changes.join(', ')}`]];
}

function unitRows(units: UnitChanges, look: Look): readonly Row[] {
  const { stopped, started, restarted, reloaded, leftAlone, otherwise } = units;
  const rows = [
    ['stop', stopped],
    ['start', started],
    ['restart', restarted],
    ['reload', reloaded],
    ['keep', leftAlone],
  ] as const;
  const told = rows.flatMap(([label, names]): readonly Row[] =>
    names.length === 0 ? [] : [[label, listed(names.map(look.text), mostUnits)]],
  );
  return [
    ...(told.length === 0 ? [['units', 'none is touched'] as const] : told),
    ...otherwise.slice(0, mostOther).map((line) => ['also', look.text(line)] as const),
    ...(otherwise.length > mostOther ? [['also', `${otherwise.length - mostOther} lines more: -o json`] as const] : []),
  ];
}

const mostUnits = 40;
const mostOther = 5;
const mostPackages = 20;

function closureRows(closure: ClosureChange, look: Look): readonly Row[] {
  const { packages, rebuilt, otherPaths, addedBytes, removedBytes } = closure;
  if (addedBytes + removedBytes === 0 && packages.length + rebuilt + otherPaths === 0) return [];
  const named = listed(
    packages.map((one) => packageWords(one, look)),
    mostPackages,
  );
  const anew = rebuilt === 0 ? '' : `${packages.length === 0 ? '' : '; '}${rebuilt} built anew, same version`;
  const grows = addedBytes - removedBytes;
  // Less than is shown of sizes.
  const net = Math.abs(grows) < 512 ? 'the same' : `${grows < 0 ? '-' : '+'}${size(Math.abs(grows))}`;
  return [
    ...(packages.length + rebuilt === 0 ? [] : [['packages', `${named}${anew}`] as const]),
    ['size', `${net} (${size(addedBytes)} come, ${size(removedBytes)} go)`],
  ];
}

/** `openssl 3.0.13 → 3.0.14`, `curl new 8.5`, `nano gone 7.2` */
function packageWords({ name, before, after }: PackageChange, { text, marks }: Look): string {
  const [old, next] = [before, after].map((versions) => text(versions.join('+')));
  if (before.length === 0) return `${text(name)} new ${next}`;
  if (after.length === 0) return `${text(name)} gone ${old}`;
  return `${text(name)} ${old} ${marks.arrow} ${next}`;
}

function rebootRows({ reboots, bootedOnceFirst, bootsOther, verdict }: Forecast): readonly Row[] {
  const differ = bootsOther.length === 0 ? '' : `${bootsOther.join(', ')} differ${bootsOther.length === 1 ? 's' : ''}`;
  if (reboots) {
    const how = bootedOnceFirst
      ? 'booted once, and made the boot default when it has proved itself'
      : verdict === 'promoted'
        ? 'it is the boot default when it first boots'
        : '';
    return [['reboot', ['yes', differ, how].filter((words) => words !== '').join('; ')]];
  }
  if (differ === '' || verdict === 'tested' || verdict === 'previewed') return [];
  return [['reboot', `none; ${differ}, and ${bootsOther.length === 1 ? 'is' : 'are'} not in use before the next one`]];
}

const unknownWords: Readonly<Record<Unknown, string>> = {
  'self-check': 'whether its self-check passes',
  units: 'whether units stay well',
  checks: 'whether its health checks pass',
  reachable: 'whether it can be reached then',
  boot: 'whether it boots',
  'units-touched': 'which units are touched',
};

function listed(words: readonly string[], most: number): string {
  const left = words.length - most;
  return left > 1 ? `${words.slice(0, most).join(', ')} and ${count(left, 'other')}: -o json` : words.join(', ');
}
